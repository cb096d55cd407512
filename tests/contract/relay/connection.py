"""A process's connection to storage: slow where it is told to be, and what goes through it can get lost."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.domain.errors import StorageUnavailable
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.storage import Claimed, Storage, Written
from core.ports.system import Clock
from tests.contract.relay.judge import Judge
from tests.contract.relay.loop import IdleLoop

T = TypeVar("T")


@dataclass(eq=False)
class Packet:
    """A request or an answer that is on its way; `arrives` with False where it gets lost."""

    connection: "Connection"
    since: float
    arrives: "asyncio.Future[bool]"


class Connection:
    """Carries commands one way and answers the other; `slow` ones wait in `packets` until they are let go."""

    def __init__(
        self,
        loop: IdleLoop,
        packets: list[Packet],
        clock: Clock,
        awake: Callable[[], Awaitable[None]],
    ) -> None:
        self._loop = loop
        self._packets = packets
        self._clock = clock
        self._awake = awake
        self.slow = False

    async def run(self, command: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a command. Raises `StorageUnavailable` where it, or its answer, gets lost."""
        await self._carry(is_answer=False)
        answer = await self._loop.outside(command)
        await self._carry(is_answer=True)
        return answer

    async def _carry(self, *, is_answer: bool) -> None:
        arrives = True
        if self.slow:
            future = self._loop.create_future()
            packet = Packet(self, self._clock.monotonic(), future)
            self._packets.append(packet)
            try:
                arrives = await packet.arrives
            finally:
                self._packets.remove(packet)
        if is_answer or not arrives:
            await self._awake()
        if not arrives:
            raise StorageUnavailable("no answer")


class ConnectedOrders:
    """The port `Orders`, through a connection; the judge sees what is stored."""

    def __init__(self, storage: Storage, connection: Connection, judge: Judge) -> None:
        self.orders = storage.orders
        self.run = connection.run
        self._judge = judge

    async def add(self, order: Order, change: Change, who: str) -> None:
        async def add() -> None:
            await self.orders.add(order, change, who)
            self._judge.store(order.id, 1, change.value)
            self._judge.lease(order.id, who, change.time)

        await self.run(add)

    async def get(self, order_id: Id) -> Order | None:
        raise NotImplementedError

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        async def replace() -> Written | None:
            written = await self.orders.replace(order, change, who)
            if written:
                self._judge.store(order.id, written.version, change.value)
                if written.leased_from == written.version:
                    self._judge.lease(order.id, who, change.time)
            return written

        return await self.run(replace)


class ConnectedOutbox:
    """The port `Outbox`, through a connection; the judge sees who takes care of what, by a clock that is right."""

    def __init__(
        self, storage: Storage, connection: Connection, judge: Judge, clock: Clock
    ) -> None:
        self._outbox = storage.outbox
        self._run = connection.run
        self._judge = judge
        self._clock = clock

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        return await self._run(lambda: self._claim_due(who, now, most))

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        async def claim() -> Sequence[Claimed]:
            claims = await self._outbox.claim(who, now, order_ids)
            self._judge.claim(who, now, claims, self._clock.now())
            return claims

        return await self._run(claim)

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        return await self._run(lambda: self._outbox.mark(delivered))

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        return await self._run(lambda: self._outbox.fail(who, event, reason, at, tries))

    async def give_up(self, who: str, now: datetime) -> None:
        async def give_up() -> None:
            await self._outbox.give_up(who, now)
            self._judge.give_up(who)

        return await self._run(give_up)

    async def _claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        claims = await self._outbox.claim_due(who, now, most)
        self._judge.claim(who, now, claims, self._clock.now())
        return claims
