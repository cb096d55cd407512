"""The HTTP application inside the test's own process, on a real socket, with some of its parts replaced."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from litestar.types import ASGIApp

from adapters.outbound.memory import MemoryPublisher
from bootstrap.container import Container
from bootstrap.serving import listen
from bootstrap.upgrades import HttpProtocol
from core.ports.storage import Storage

Override = Callable[[Container], object]
"""Replaces parts of the container before the application is made of it."""


class Sabotaged:
    """A storage every method of which does the same: raise, or never end."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    @property
    def users(self) -> "Sabotaged":
        """Likewise."""
        return self

    products = orders = outbox = users

    def __getattr__(self, _name: str) -> Any:
        async def sabotage(*_: object) -> None:
            if self._error is not None:
                raise self._error
            await asyncio.Event().wait()

        return sabotage


def sabotaged(error: Exception | None) -> Storage:
    """Give a storage that raises `error` at every use, or with None hangs."""
    return cast(Storage, Sabotaged(error))


@contextmanager
def embedded(
    storage: Storage,
    override: Override = lambda _: None,
    write: Callable[[str], object] = lambda _: None,
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Iterator[str]:
    """Serve from a thread until the end; give the address.

    `write` gets the lines of events; `wrap` gets the application, and gives what is served in its place.
    """
    publisher = MemoryPublisher("orders", write)
    container = Container(storage=storage, publisher=publisher)
    override(container)
    config = uvicorn.Config(
        wrap(container.app()),
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        server_header=False,
    )
    server = uvicorn.Server(config)
    listener = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=[[listener]])
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        publisher.close()
        container.passwords().close()
