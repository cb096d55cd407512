"""The adapter under test, on an event loop of its own: pytest needs no plug-in for coroutines, and any may be there."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    contextmanager,
)
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import pytest

from orderport import Feature

PATIENCE_SECONDS = 60.0
"""What takes longer hangs."""

T = TypeVar("T")
Opened = TypeVar("Opened")
Opened_co = TypeVar("Opened_co", covariant=True)


class Settings(Protocol[Opened_co]):
    """What the settings of storages and of events have in common."""

    features: ClassVar[frozenset[Feature]]

    def open(self) -> AbstractAsyncContextManager[Opened_co]:
        """Open it."""
        ...


class Adapter(Generic[Opened]):
    """An adapter, the loop on which all that is opened of it lives, and one opened for all checks to share."""

    def __init__(self, settings: Settings[Opened], runner: asyncio.Runner) -> None:
        self.settings = settings
        self._runner = runner
        self._shared: tuple[Opened, ExitStack] | None = None

    @property
    def features(self) -> frozenset[Feature]:
        """What the adapter declares."""
        return self.settings.features

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""

        async def bounded() -> T:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await work

        return self._runner.run(bounded())

    def shared(self) -> Opened:
        """Give what all checks share, opened when it is not."""
        if self._shared is None:
            stack = ExitStack()
            self._shared = stack.enter_context(self.opened()), stack
        return self._shared[0]

    def close(self) -> None:
        """Close what all checks share."""
        if self._shared is not None:
            _, stack = self._shared
            self._shared = None
            stack.close()

    def opened(self) -> AbstractContextManager[Opened]:
        """Open one more."""
        return self.held_open(self.settings.open())

    @contextmanager
    def held_open(self, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """Hold it open in a task of its own, since what enters a context may have to be what leaves it."""
        loop = self._runner.get_loop()
        opened: asyncio.Future[T] = loop.create_future()
        leaving = asyncio.Event()

        async def hold() -> None:
            async with context as value:
                opened.set_result(value)
                await leaving.wait()

        async def begin() -> T:
            either: set[asyncio.Future[Any]] = {holding, opened}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not opened.done():
                holding.result()
            return opened.result()

        async def end() -> None:
            leaving.set()
            await holding

        holding = loop.create_task(hold())
        value = self.run(begin())
        try:
            yield value
        finally:
            self.run(end())


class Checks:
    """Checks; settings that are attributes of a class that derives from this become fixtures of their names."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        for name in ("settings", "out_of_reach"):
            settings = vars(cls).get(name)
            if callable(getattr(settings, "open", None)):
                setattr(
                    cls, name, pytest.fixture(scope="class")(staticmethod(lambda it=settings: it))
                )


def left_running(
    settings: Settings[Opened], use: Callable[[Opened], Coroutine[Any, Any, object]]
) -> list[threading.Thread]:
    """Open, use and close it, on a loop that ends then; give the threads that would hold up the end of the process."""
    before = threading.enumerate()

    async def use_once() -> None:
        async with settings.open() as opened:
            await use(opened)

    with a_runner() as runner:
        runner.run(use_once())
    return [one for one in threading.enumerate() if one not in before and not one.daemon]


@contextmanager
def a_runner() -> Iterator[asyncio.Runner]:
    """Give a loop that ends when it is left; the thread's own is left alone, which needs the factory."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield runner
