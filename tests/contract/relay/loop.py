"""An event loop that is driven by hand: it runs until nothing is left that could run."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")


class IdleLoop(asyncio.SelectorEventLoop):
    """Counts what is scheduled, so that it can be seen when nothing more is, and raises what went wrong meanwhile.

    The same is done in the same order each time, also where real servers answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._begun = 0
        self._turns: deque[asyncio.Future[None]] = deque()
        self._busy = False
        self._errors: list[BaseException] = []

    def call_soon(  # type: ignore[override] # its arguments are only passed on
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._begun += 1
        return super().call_soon(callback, *args, context=context)

    async def outside(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do work in which a real server may have a part: in its turn, when nothing else is left to run, and alone."""
        turn = self.create_future()
        self._turns.append(turn)
        await turn
        self._busy = True
        try:
            return await work()
        finally:
            self._busy = False
            self.stop()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task; `settle` raises its error."""
        self.create_task(work).add_done_callback(self._keep_error)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task, and run until everything waits for something to happen."""
        self.begin(work)
        self.settle()

    def settle(self) -> None:
        """Run until everything waits for something to happen."""
        self._run_what_is_ready()
        while self._turns:
            turn = self._turns.popleft()
            if not turn.cancelled():
                turn.set_result(None)
                self._run_what_is_ready()
                while self._busy:
                    self.run_forever()
                self._run_what_is_ready()
        if self._errors:
            raise self._errors.pop()

    def _run_what_is_ready(self) -> None:
        before = -1
        while self._begun != before:
            self.call_soon(self.stop)
            before = self._begun
            self.run_forever()

    def _keep_error(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error:
            self._errors.append(error)
