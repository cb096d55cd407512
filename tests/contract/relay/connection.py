"""A process's connection to storage: slow where it is told to be, and what goes through it can get lost."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from core.domain.errors import StorageUnavailable
from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.storage import Claimed, Outbox

T = TypeVar("T")


@dataclass(eq=False)
class Packet:
    """A request or an answer that is on its way; `arrives` with False where it gets lost."""

    command: str
    is_answer: bool
    since: float
    arrives: "asyncio.Future[bool]"


class Connection:
    """Carries commands one way and answers the other; `slow` ones wait in `packets` until they are let go."""

    def __init__(
        self,
        packets: list[Packet],
        monotonic: Callable[[], float],
        awake: Callable[[], Awaitable[None]],
    ) -> None:
        self._packets = packets
        self._monotonic = monotonic
        self._awake = awake
        self.slow = False

    async def run(self, name: str, command: Callable[[], Awaitable[T]]) -> T:
        """Run a command. Raises `StorageUnavailable` where it, or its answer, gets lost."""
        await self._carry(name, is_answer=False)
        answer = await command()
        await self._carry(name, is_answer=True)
        return answer

    async def _carry(self, name: str, *, is_answer: bool) -> None:
        arrives = True
        if self.slow:
            packet = Packet(
                name, is_answer, self._monotonic(), asyncio.get_running_loop().create_future()
            )
            self._packets.append(packet)
            try:
                arrives = await packet.arrives
            finally:
                self._packets.remove(packet)
        if is_answer or not arrives:
            await self._awake()
        if not arrives:
            raise StorageUnavailable("no answer")


class ConnectedOutbox:
    """The port `Outbox`, through a connection."""

    def __init__(self, outbox: Outbox, connection: Connection) -> None:
        self._outbox = outbox
        self._run = connection.run

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        return await self._run("claim_due", lambda: self._outbox.claim_due(who, now, most))

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        return await self._run("claim", lambda: self._outbox.claim(who, now, order_ids))

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        return await self._run("mark", lambda: self._outbox.mark(delivered))

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        return await self._run("fail", lambda: self._outbox.fail(who, event, reason, at, tries))

    async def give_up(self, who: str, now: datetime) -> None:
        return await self._run("give_up", lambda: self._outbox.give_up(who, now))
