"""One process of the service, from its first resource to its last."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator

import uvicorn

from bootstrap.container import Container
from bootstrap.settings import Settings
from bootstrap.upgrades import HttpProtocol
from core.domain.errors import OrderportError

log = logging.getLogger(__name__)

REQUESTS_SECONDS = 6
"""From a signal on, how long requests may take that are being answered."""
RELAY_SECONDS = 9.0
"""From a signal on, when what the relay has under way is left to others."""


class PortUnavailable(OrderportError):
    """The address cannot be listened on; the message says why in one line."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything else is opened. Raises `PortUnavailable`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2_048)
    except (OSError, UnicodeError) as error:  # the latter of a name that no host can have
        reason = error.strerror if isinstance(error, OSError) else "no such host"
        raise PortUnavailable(f"cannot listen on {host}, port {port}: {reason}") from error
    address, port = listener.getsockname()[:2]
    log.info("listening on http://%s:%s", f"[{address}]" if ":" in address else address, port)
    return listener


def stop_signal() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


async def prepare(settings: Settings, stopping: asyncio.Event) -> None:
    """Get storage ready, or give up when the stop comes first. Raises `StorageUnavailable`."""
    async with settings.storage.open() as storage:
        preparing = asyncio.ensure_future(storage.prepare())
        stopped = asyncio.ensure_future(stopping.wait())
        await asyncio.wait({preparing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        preparing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await preparing


async def serve_alone(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal. Raises `StorageUnavailable` where storage is away at the start."""
    stopping = stop_signal()
    await prepare(settings, stopping)
    await _serve(settings, listener, stopping)


async def serve_beside_others(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal, or until the parent, which holds the other end of standard input, is no more.

    Where storage is away meanwhile, requests are told so, and this process is not ready.
    """
    stopping = stop_signal()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopping.set)
    await _serve(settings, listener, stopping)


async def _serve(settings: Settings, listener: socket.socket, stopping: asyncio.Event) -> None:
    async with contextlib.AsyncExitStack() as opened:
        storage = await opened.enter_async_context(settings.storage.open())
        publisher = await opened.enter_async_context(settings.events.open())
        container = Container(storage=storage, publisher=publisher)
        opened.callback(container.passwords().close)
        relay = container.relay()
        relay.start()
        _collect_less_garbage()
        server = _Server(
            uvicorn.Config(
                container.app(),
                http=HttpProtocol,
                ws="none",
                lifespan="off",
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=REQUESTS_SECONDS,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        serving.add_done_callback(lambda _: stopping.set())
        await stopping.wait()

        deadline = asyncio.get_running_loop().time() + RELAY_SECONDS
        log.info("stopping")
        relay.claim_no_more()
        container.intake().stop()
        server.should_exit = True
        await asyncio.wait({serving})
        await relay.stop(deadline - asyncio.get_running_loop().time())
        serving.result()


def _collect_less_garbage() -> None:
    """Leave alone what is there by now and stays: to look through it held up every request for a tenth of a second.

    And look at the rest when there is more of it: requests under way come to some thousand objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would end the process before the relay is done."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
