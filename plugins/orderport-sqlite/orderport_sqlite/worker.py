"""A thread with a connection of its own."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

from orderport import StorageUnavailable
from orderport_sqlite.errors import translated

MOST_TOGETHER = 100
"""Jobs that share a transaction; the first of them waits for the last."""
MOST_WAITING = 10_000
CLOSE_SECONDS = 2.0

T = TypeVar("T")


class Job:
    """Work for the thread, and what came of it: `result`, or `error`."""

    __slots__ = ("_done", "_work", "error", "result")

    def __init__(self, work: Callable[[Connection], Any], done: asyncio.Future[Any]) -> None:
        self._work = work
        self._done = done
        self.result: Any = None
        self.error: Exception | None = None

    def is_given_up(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return self._done.done()

    def run(self, connection: Connection) -> None:
        """Do the work."""
        try:
            self.result = self._work(connection)
        except Exception as error:  # noqa: BLE001 - raised where the work was asked for
            self.error = translated(error)

    def settle(self) -> None:
        """Tell whoever asked for the work, unless they have left."""
        if self.is_given_up():
            return
        if self.error:
            self._done.set_exception(self.error)
        else:
            self._done.set_result(self.result)


class Worker:
    """Runs work in a thread, in the order in which it comes, some at a time.

    `connect` opens `path`, when there is work; after an error that the file or the disk is to blame for, it is opened
    anew. `run` runs some jobs; where it raises, none of them counts as done.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        connect: Callable[[Path], Connection],
        run: Callable[[Connection, Sequence[Job]], None],
        seconds: float,
    ) -> None:
        self._path = path
        self._connect = connect
        self._run = run
        self._seconds = seconds
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        # Daemonic, since a disk that hangs would hold up the process's end.
        threading.Thread(target=self._work, name=name, daemon=True).start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Have work done. Raises what it raises, and `StorageUnavailable` where it takes too long."""
        if self._jobs.qsize() >= MOST_WAITING:
            raise StorageUnavailable("too much waits for the file")
        done: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(Job(work, done))
        try:
            async with asyncio.timeout(self._seconds):
                return await done
        except TimeoutError as error:
            raise StorageUnavailable("no answer in time") from error

    async def close(self) -> None:
        """Finish what was asked for, and close the connection, in bounded time."""
        self._jobs.put(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._ended.wait()

    def _work(self) -> None:
        for jobs in self._batches():
            try:
                self._run(self._connected(), jobs)
            except Exception as error:  # noqa: BLE001 - raised where the work was asked for
                for job in jobs:
                    job.error = translated(error)
            if any(isinstance(job.error, StorageUnavailable) for job in jobs):
                self._disconnect()
            self._tell(partial(_settle, jobs))
        self._disconnect()
        self._tell(self._ended.set)

    def _batches(self) -> Iterator[Sequence[Job]]:
        """Give what waits, some at a time, until the end is asked for."""
        some: list[Job | None] = []
        while None not in some:
            some = [self._jobs.get()]
            with suppress(queue.Empty):
                while len(some) < MOST_TOGETHER:
                    some.append(self._jobs.get_nowait())
            jobs = [job for job in some if job and not job.is_given_up()]
            if jobs:
                yield jobs

    def _connected(self) -> Connection:
        """Give a connection to the file that lies at the path now, which may have been removed or replaced."""
        if self._connection and self._file != _identity(self._path):
            self._disconnect()
        if not self._connection:
            self._connection = self._connect(self._path)
            self._file = _identity(self._path)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _tell(self, what: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(what)


def _settle(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.settle()


def _identity(path: Path) -> tuple[int, int] | None:
    """Tell one file from another that lies at the same path later."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
