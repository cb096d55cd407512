"""Concurrent calls of one kind, run together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Run = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


class Coalesced:
    """What comes while a run is under way leaves in the next one; `run` gives an answer, or an error, for each item."""

    def __init__(self, run: Run, most: int = 100) -> None:
        self._run = run
        self._most = most
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None

    def __call__(self, item: Any) -> "asyncio.Future[Any]":
        """Give what will hold the answer."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((item, future))
        if self._running is None:
            self._running = loop.create_task(self._go())
        return future

    async def _go(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            answers: Sequence[Any]
            try:
                answers = await self._run([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - it is the callers' to handle
                answers = [error] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        self._running = None
