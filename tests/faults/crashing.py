"""A plug-in for `ORDERPORT_STORAGE` and `ORDERPORT_EVENTS`: MongoDB and Kafka, and a crash at a named point.

Around the real adapters it kills its own process, as the kernel would, at the point that `ORDERPORT_CRASH_AT` names,
on a change of the kind that `ORDERPORT_CRASH_ON` names, and writes what happens to the file `ORDERPORT_JOURNAL`.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Self

from adapters.outbound.kafka import KafkaSettings
from adapters.outbound.mongo import MongoSettings
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.backlog import Backlog
from core.ports.events import Outcome, Publisher, Receipt
from core.ports.plugins import Environment, Feature
from core.ports.storage import Claimed, Orders, Outbox, Products, Storage, Users, Written
from tests.faults.journal import Deed, Journal

TURNS_TO_HAND_OVER = 20
"""More turns of the loop than a send takes to get into the socket, and far fewer than to the broker and back."""


class Point(StrEnum):
    """Where a process can be made to crash."""

    BEFORE_WRITE = "before-write"
    AFTER_WRITE = "after-write"
    BEFORE_SEND = "before-send"
    AFTER_SEND = "after-send-before-acknowledgement"
    BEFORE_MARK = "after-acknowledgement-before-mark"
    BETWEEN_MARKS = "between-marks"
    IN_RECOVERY = "in-recovery"
    """Once the first claim of what another process left is stored."""
    IN_RECOVERY_BEFORE_MARK = "in-recovery-before-mark"
    """Once the first of what another process left is delivered; nothing else may be asked of this one."""
    IN_STOP_BEFORE_MARK = "in-stop-before-mark"
    """Of what was being sent when the stop began."""
    IN_STOP_BEFORE_GIVE_UP = "in-stop-before-give-up"
    """With events that could not be sent before the stop."""


IN_RECOVERY = (Point.IN_RECOVERY, Point.IN_RECOVERY_BEFORE_MARK)
IN_STOP = (Point.IN_STOP_BEFORE_MARK, Point.IN_STOP_BEFORE_GIVE_UP)


class Kind(StrEnum):
    """Which changes a point is meant for."""

    CREATE = "create"
    UPDATE = "update"

    def concerns(self, version: int) -> bool:
        """Tell whether it is the change that made this version."""
        return (version == 1) == (self is Kind.CREATE)


sent_at_stop: set[tuple[Id, int]] = set()
"""What was being sent when this process told itself to stop; its two adapters share no other object."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to crash, if anywhere, and the journal."""

    point: Point | None
    kind: Kind
    journal: Journal

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        point = environment.get("ORDERPORT_CRASH_AT")
        return cls(
            Point(point) if point else None,
            Kind(environment.get("ORDERPORT_CRASH_ON", Kind.CREATE)),
            Journal(Path(environment["ORDERPORT_JOURNAL"])),
        )

    def is_at(self, point: Point, versions: Iterable[int]) -> bool:
        """Tell whether this is the point and one of the versions is of the kind."""
        return point is self.point and any(map(self.kind.concerns, versions))

    def reach(self, point: Point, versions: Iterable[int]) -> None:
        """Crash, if that is so."""
        if self.is_at(point, versions):
            crash()

    def begin_stop(self, events: Sequence[OrderEvent]) -> bool:
        """Have the service stop while it sends these events, if it is to crash then; tell whether it was so."""
        begins = self.point in IN_STOP and any(self.kind.concerns(e.version) for e in events)
        if begins and not sent_at_stop:
            sent_at_stop.update((event.order_id, event.version) for event in events)
            os.kill(os.getpid(), signal.SIGTERM)
        return begins


def crash() -> None:
    """Die, as the kernel has it."""
    os.kill(os.getpid(), signal.SIGKILL)


class CrashingOrders:
    """The port `Orders`, on MongoDB's."""

    def __init__(self, inner: Orders, plan: Plan) -> None:
        self._inner = inner
        self._plan = plan

    async def add(self, order: Order, change: Change, who: str) -> None:
        self._plan.reach(Point.BEFORE_WRITE, [1])
        await self._inner.add(order, change, who)
        self._plan.reach(Point.AFTER_WRITE, [1])

    async def get(self, order_id: Id) -> Order | None:
        return await self._inner.get(order_id)

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        self._plan.reach(Point.BEFORE_WRITE, [2])
        written = await self._inner.replace(order, change, who)
        if written:
            self._plan.reach(Point.AFTER_WRITE, [written.version])
        return written


class CrashingOutbox:
    """The port `Outbox`, on MongoDB's."""

    def __init__(self, inner: Outbox, plan: Plan) -> None:
        self._inner = inner
        self._plan = plan

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        claimed = await self._inner.claim_due(who, now, most)
        versions = [event.version for claim in claimed for event in claim.events]
        self._plan.reach(Point.IN_RECOVERY, versions)
        return claimed

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        return await self._inner.claim(who, now, order_ids)

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        self._plan.reach(Point.BEFORE_MARK, delivered.values())
        self._plan.reach(Point.IN_RECOVERY_BEFORE_MARK, delivered.values())
        if sent_at_stop & delivered.items():
            self._plan.reach(Point.IN_STOP_BEFORE_MARK, delivered.values())
        if self._plan.point is Point.BETWEEN_MARKS and len(delivered) > 1:
            first, *others = delivered.items()
            await self._inner.mark(dict([first]))
            self._plan.reach(Point.BETWEEN_MARKS, dict(others).values())
        waiting = await self._inner.mark(delivered)
        self._plan.journal.write(Deed.MARKED, delivered.items())
        return waiting

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        return await self._inner.fail(who, event, reason, at, tries)

    async def give_up(self, who: str, now: datetime) -> None:
        self._plan.reach(Point.IN_STOP_BEFORE_GIVE_UP, [1, 2])
        await self._inner.give_up(who, now)


class CrashingStorage:
    """The port `Storage`, on MongoDB's."""

    def __init__(self, inner: Storage, plan: Plan) -> None:
        self._inner = inner
        self.users: Users = inner.users
        self.products: Products = inner.products
        self.backlog: Backlog = inner.backlog
        self.orders = CrashingOrders(inner.orders, plan)
        self.outbox = CrashingOutbox(inner.outbox, plan)

    async def prepare(self) -> None:
        await self._inner.prepare()

    async def check(self) -> None:
        await self._inner.check()


class CrashingPublisher:
    """The port `Publisher`, on Kafka's."""

    def __init__(self, inner: Publisher, plan: Plan) -> None:
        self._inner = inner
        self._plan = plan

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        versions = [event.version for event in events]
        self._plan.reach(Point.BEFORE_SEND, versions)
        stopping = self._plan.begin_stop(events)
        if stopping and self._plan.point is Point.IN_STOP_BEFORE_GIVE_UP:
            return [Receipt(Outcome.UNKNOWN, "this process is about to crash")] * len(events)
        self._plan.journal.write(Deed.SENDING, [(e.order_id, e.version) for e in events])
        if self._plan.is_at(Point.AFTER_SEND, versions):
            await self._hand_over(events)
            crash()
        receipts = await self._inner.publish(events)
        answered = [
            (event.order_id, event.version)
            for event, receipt in zip(events, receipts, strict=True)
            if receipt.outcome is not Outcome.UNKNOWN
        ]
        self._plan.journal.write(Deed.ANSWERED, answered)
        return receipts

    async def _hand_over(self, events: Sequence[OrderEvent]) -> None:
        """Send events, and return when they are on their way to the broker."""
        await self._inner.check()  # which needs a connection, as the send does then no more
        sending = asyncio.create_task(self._inner.publish(events))
        for _ in range(TURNS_TO_HAND_OVER):
            await asyncio.sleep(0)
        assert not sending.done()

    async def check(self) -> None:
        await self._inner.check()


@dataclass(frozen=True, slots=True)
class CrashingStorageSettings:
    """The entry point `crashing` of `orderport.storage`."""

    inner: MongoSettings
    plan: Plan

    ports_version: ClassVar = 0
    features: ClassVar = MongoSettings.features

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(MongoSettings.from_environment(environment), Plan.from_environment(environment))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[CrashingStorage]:
        async with self.inner.open() as inner:
            yield CrashingStorage(inner, self.plan)


@dataclass(frozen=True, slots=True)
class CrashingEventsSettings:
    """The entry point `crashing` of `orderport.events`."""

    inner: KafkaSettings
    plan: Plan

    ports_version: ClassVar = 0
    features: ClassVar[frozenset[Feature]] = frozenset()

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(KafkaSettings.from_environment(environment), Plan.from_environment(environment))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[CrashingPublisher]:
        async with self.inner.open() as inner:
            yield CrashingPublisher(inner, self.plan)
