"""One process of the service, from its first resource to its last."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn

from bootstrap.container import Container
from bootstrap.settings import Settings

log = logging.getLogger(__name__)

REQUESTS_SECONDS = 6
"""From a signal on, how long requests may take that are being answered."""
RELAY_SECONDS = 9.0
"""From a signal on, when what the relay has under way is left to others."""


class PortUnavailable(Exception):
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
    except OSError as error:
        raise PortUnavailable(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which would end the process before the relay is done."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT. Raises `StorageUnavailable` where storage is away at the start."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    async with contextlib.AsyncExitStack() as opened:
        opening = asyncio.create_task(_open(settings, opened))
        signalled = asyncio.create_task(stopping.wait())
        await asyncio.wait({opening, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            opening.cancel()
            await asyncio.wait({opening})
            return
        await _serve(opening.result(), listener, signalled)


async def _open(settings: Settings, opened: contextlib.AsyncExitStack) -> Container:
    storage = await opened.enter_async_context(settings.storage.open())
    publisher = await opened.enter_async_context(settings.events.open())
    container = Container(storage=storage, publisher=publisher)
    opened.callback(container.passwords().close)
    return container


async def _serve(
    container: Container, listener: socket.socket, signalled: asyncio.Task[bool]
) -> None:
    server = _Server(
        uvicorn.Config(
            container.app(),
            http="httptools",
            ws="none",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=REQUESTS_SECONDS,
        )
    )
    relay = container.relay()
    relay.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    host, port = listener.getsockname()[:2]
    log.info("serving on http://%s:%s", f"[{host}]" if ":" in host else host, port)
    await asyncio.wait({serving, signalled}, return_when=asyncio.FIRST_COMPLETED)

    loop = asyncio.get_running_loop()
    deadline = loop.time() + RELAY_SECONDS
    log.info("stopping")
    relay.claim_no_more()
    container.intake().stop()
    server.should_exit = True
    await asyncio.wait({serving})
    await relay.stop(deadline - loop.time())
    serving.result()
