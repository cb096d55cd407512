"""Another process on the same storage: it changes an order so many times, and is killed without closing anything.

On standard input comes a line with its work; on standard output it says that it is ready, waits for one line more, and
tells what it has done and seen.
"""

import asyncio
import base64
import json
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from orderport import Order, StorageSettings
from orderport.testing.examples import a_change

WHO = "another process"
READY = b"ready\n"


@dataclass(frozen=True, slots=True)
class Work:
    """What it is to do."""

    settings: StorageSettings
    order: Order
    changes: int


class Died(NamedTuple):
    """Which versions it had made when it died, and which it saw wait."""

    made: Sequence[int]
    waiting: Sequence[int]


class AnotherProcess:
    """A process that has opened the storage."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def work_and_die(self) -> Died:
        """Let it begin, and await its end."""
        output, _ = await self._process.communicate(b"\n")
        assert self._process.returncode == -signal.SIGKILL, "another process cannot do its work"
        return Died(*json.loads(output))


@asynccontextmanager
async def another_process(work: Work) -> AsyncIterator[AnotherProcess]:
    """Start it; when this is left it has ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "orderport.testing.storage.another_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(base64.b64encode(pickle.dumps(work)) + b"\n")
        assert await process.stdout.readline() == READY, "another process cannot open the storage"
        yield AnotherProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _work_and_die(work: Work) -> None:
    async with work.settings.open() as storage:
        await storage.prepare()
        assert await storage.orders.get(work.order.id)
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        sys.stdin.readline()
        change = a_change(work.order)
        written = [
            await storage.orders.replace(work.order, change, WHO) for _ in range(work.changes)
        ]
        (found,) = await storage.backlog.get([work.order.id])
        made = [one.version for one in written if one]
        print(json.dumps(Died(made, found.waiting)), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # What comes was written by the process that started this one.
    asyncio.run(_work_and_die(pickle.loads(base64.b64decode(sys.stdin.readline()))))  # noqa: S301
