"""Several processes on one port: the parent starts them, starts them again, and ends them."""

import asyncio
import logging
import socket
import sys
from asyncio.subprocess import PIPE, Process

from bootstrap.serving import prepare, stop_signal
from bootstrap.settings import Settings

log = logging.getLogger(__name__)

RESTART_SECONDS = 1.0
STOP_SECONDS = 9.8
"""From a signal on, when a worker that has not ended by itself is killed."""


async def supervise(settings: Settings, listener: socket.socket) -> None:
    """Keep that many workers running until a signal. Raises `StorageUnavailable` where storage is away at the start."""
    stopping = stop_signal()
    await prepare(settings, stopping)
    workers = {asyncio.create_task(_keep_one(listener, stopping)) for _ in range(settings.workers)}
    await asyncio.wait(workers)
    for worker in workers:
        worker.result()


async def _keep_one(listener: socket.socket, stopping: asyncio.Event) -> None:
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        worker = await _start(listener)
        ended = asyncio.create_task(worker.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            await _stop(worker, ended)
        else:
            log.warning(
                "worker %s ended with status %s; another takes its place",
                worker.pid,
                ended.result(),
            )
            await asyncio.wait({stopped}, timeout=RESTART_SECONDS)


async def _start(listener: socket.socket) -> Process:
    # Its standard input ends with this process, however this process ends: no worker is left behind.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "bootstrap", "worker", str(listener.fileno()),
        stdin=PIPE, pass_fds=[listener.fileno()],
    )  # fmt: skip


async def _stop(worker: Process, ended: asyncio.Task[int]) -> None:
    if worker.returncode is None:
        worker.terminate()
    await asyncio.wait({ended}, timeout=STOP_SECONDS)
    if not ended.done():
        log.error("worker %s did not end in time and is killed", worker.pid)
        worker.kill()
        await ended
