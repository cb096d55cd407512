"""An event loop that is driven by hand: it runs until nothing is left that could run."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any


class IdleLoop(asyncio.SelectorEventLoop):
    """Counts what is scheduled, so that it can be seen when nothing more is."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = 0

    def call_soon(  # type: ignore[override] # its arguments are only passed on
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._begun += 1
        return super().call_soon(callback, *args, context=context)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task, and run until everything waits for something to happen."""
        task = self.create_task(work)
        self.settle()
        if task.done():
            task.result()

    def settle(self) -> None:
        """Run until everything waits for something to happen."""
        before = -1
        while self._begun != before:
            self.call_soon(self.stop)
            before = self._begun
            self.run_forever()
