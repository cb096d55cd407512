"""Concurrent calls of one kind, in one command.

A command of the driver costs a third of a millisecond of a core, whatever it carries; a document in it costs a tenth.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from core.domain.errors import Overloaded, StorageUnavailable

MOST_TOGETHER = 100
"""No more than the first batch of a cursor holds, so that reading them takes one round trip."""
MOST_WAITING = 4_096

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Call = tuple[Item, asyncio.Future[Answer], float]
"""What is asked for, who waits for the answer, and until when: the loop's time."""
Run = Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]]


class Coalesced(Generic[Item, Answer]):
    """Runs together what is asked for while a run is under way; a call that is alone starts at once.

    `run` gives for each item its answer, or the error that is its caller's alone; an error that it raises is
    everybody's. Items of the same `key` never run together, and run in the order of their calls.

    A call has its answer within `seconds`, or `StorageUnavailable`; `Overloaded` where too many wait. What a caller
    that is gone asked for is left out, or if it runs already, goes on.
    """

    def __init__(
        self,
        run: Run[Item, Answer],
        seconds: float,
        key: Callable[[Item], Hashable] | None = None,
    ) -> None:
        self._run = run
        self._seconds = seconds
        self._key = key
        self._waiting: list[Call[Item, Answer]] = []
        self._running: Sequence[Call[Item, Answer]] = ()
        self._runner: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, item: Item) -> Answer:
        """Give the answer for this item, or raise its error."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded("storage")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        end = loop.time() + self._seconds
        self._waiting.append((item, answer, end))
        if self._runner is None:
            # It runs for all of them: nothing of the first caller's context, such as a deadline, may reach it.
            self._runner = loop.create_task(self._run_all(), context=Context())
        if self._timer is None:
            self._timer = loop.call_at(end, self._expire_due)
        return await answer

    async def close(self) -> None:
        """Cut what is under way, and what waits: its outcome is not known."""
        if (runner := self._runner) is not None:
            runner.cancel()
            await asyncio.wait({runner})
            if self._runner is runner:  # it had not begun
                self._give_up()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _run_all(self) -> None:
        try:
            while batch := self._take():
                self._running = batch
                await self._run_one(batch)
                # In the loop's next turn those that were answered go on, and what has come in meanwhile joins.
                await asyncio.sleep(0)
        finally:
            self._give_up()

    def _give_up(self) -> None:
        """End a runner: where it was cut, it leaves calls whose outcome is not known."""
        for _, answer, _ in (*self._running, *self._waiting):
            _fail(answer, StorageUnavailable("the service stops"))
        self._runner = None
        self._running = ()
        self._waiting.clear()

    def _expire_due(self) -> None:
        """Give up what has no answer in time: by one timer, since to set and cancel one for each call takes 2 us."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        ends = []
        for _, answer, end in (*self._running, *self._waiting):
            if end <= now:
                _fail(answer, StorageUnavailable("no answer in time"))
            elif not answer.done():
                ends.append(end)
        self._timer = loop.call_at(min(ends), self._expire_due) if ends else None

    def _take(self) -> Sequence[Call[Item, Answer]]:
        """Take those that may run together, without those whose caller is gone."""
        waiting = [call for call in self._waiting if not call[1].done()]
        if self._key is None:
            batch, self._waiting = waiting[:MOST_TOGETHER], waiting[MOST_TOGETHER:]
            return batch
        by_key: dict[Hashable, Call[Item, Answer]] = {}
        self._waiting = []
        for call in waiting:
            key = self._key(call[0])
            if key in by_key or len(by_key) == MOST_TOGETHER:
                self._waiting.append(call)
            else:
                by_key[key] = call
        return list(by_key.values())

    async def _run_one(self, batch: Sequence[Call[Item, Answer]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._run([item for item, *_ in batch])
        except Exception as error:  # noqa: BLE001 - it is raised in each caller
            answers = [error] * len(batch)
        for (_, call, _), answer in zip(batch, answers, strict=True):
            if isinstance(answer, Exception):
                _fail(call, answer)
            elif not call.done():
                call.set_result(answer)


def _fail(answer: "asyncio.Future[Answer]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
