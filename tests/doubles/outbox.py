"""An outbox behind a connection that a test can slow down or cut."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from core.domain.errors import StorageUnavailable
from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.storage import Claimed, Outbox

T = TypeVar("T")


class FaultyOutbox:
    """The port `Outbox`, on another one. Commands are named as the port's methods are.

    A command in `errors` raises: the request was lost. One in `late_errors` raises after it was done: the answer was.
    One in `slow` has been done, and its answer waits in `answers` for the test to let it go.
    """

    def __init__(self, inner: Outbox) -> None:
        self._inner = inner
        self.errors: dict[str, Exception] = {}
        self.late_errors: dict[str, Exception] = {}
        self.slow: set[str] = set()
        self.answers: dict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self.calls: list[str] = []
        self.marked: list[Mapping[Id, int]] = []

    def cut(self, *commands: str) -> None:
        """Lose the requests of these commands from now on."""
        self.errors.update(dict.fromkeys(commands, StorageUnavailable("no answer")))

    def cut_answers(self, *commands: str) -> None:
        """Lose the answers of these commands from now on."""
        self.late_errors.update(dict.fromkeys(commands, StorageUnavailable("no answer")))

    def mend(self) -> None:
        """Lose nothing any more."""
        self.errors.clear()
        self.late_errors.clear()

    def let_go(self, command: str) -> None:
        """Give the answers that wait."""
        for answer in self.answers.pop(command, []):
            answer.set_result(None)

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        return await self._do("claim_due", lambda: self._inner.claim_due(who, now, most))

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        return await self._do("claim", lambda: self._inner.claim(who, now, order_ids))

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        self.marked.append(dict(delivered))
        return await self._do("mark", lambda: self._inner.mark(delivered))

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        return await self._do("fail", lambda: self._inner.fail(who, event, reason, at, tries))

    async def give_up(self, who: str, now: datetime) -> None:
        return await self._do("give_up", lambda: self._inner.give_up(who, now))

    async def _do(self, command: str, work: Callable[[], Awaitable[T]]) -> T:
        self.calls.append(command)
        if command in self.errors:
            raise self.errors[command]
        answer = await work()
        if command in self.slow:
            let_go = asyncio.get_running_loop().create_future()
            self.answers[command].append(let_go)
            await let_go
        if command in self.late_errors:
            raise self.late_errors[command]
        return answer
