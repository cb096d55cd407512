"""Orders in memory, and the events that wait inside their records."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import itemgetter

from core.domain.errors import Overloaded
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.backlog import Failure, Lease
from core.ports.storage import (
    FARTHEST_LEASE,
    LEASE,
    MOST_CLAIMED_EVENTS,
    MOST_WAITING_BYTES,
    Claimed,
    Written,
)

LONG_PAST = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Record:
    """An order with what waits inside it, as one document; `latest` is the event of its present version.

    It has a lease while something waits and it is not set aside.
    """

    order: Order
    latest: OrderEvent
    pending: tuple[OrderEvent, ...]
    lease: Lease | None
    failed: Failure | None = None
    discarded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Records:
    """All orders, and those of which something waits."""

    all: dict[Id, Record] = field(default_factory=dict)
    waiting: dict[Id, Record] = field(default_factory=dict)


class MemoryOrders:
    """The ports `Orders` and `Outbox`, on the same records."""

    def __init__(self, records: Records) -> None:
        self._records = records.all
        self._waiting = records.waiting

    async def add(self, order: Order, change: Change, who: str) -> None:
        event = OrderEvent(order.id, 1, change)
        lease = Lease(who, change.time + LEASE)
        record = Record(replace(order, version=1), event, (event,), lease)
        self._records[order.id] = self._waiting[order.id] = record

    async def get(self, order_id: Id) -> Order | None:
        record = self._records.get(order_id)
        return None if record is None else record.order

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        record = self._records.get(order.id)
        if record is None:
            return None
        if sum(len(event.change.value) for event in record.pending) >= MOST_WAITING_BYTES:
            raise Overloaded
        version = record.order.version + 1
        takes_lease = not record.pending
        if takes_lease:
            record.lease = Lease(who, change.time + LEASE)
        record.order = replace(order, version=version)
        record.latest = OrderEvent(order.id, version, change)
        record.pending += (record.latest,)
        self._waiting[order.id] = record
        return Written(version, version if takes_lease else None)

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        due = [
            (record.lease.until, record)
            for record in self._waiting.values()
            if record.lease and _is_past(record.lease, now)
        ]
        due.sort(key=itemgetter(0))
        return [_claim(record, who, now) for _, record in due[:most]]

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        records = [self._waiting[order_id] for order_id in order_ids if order_id in self._waiting]
        return [
            _claim(record, who, now)
            for record in records
            if record.lease and (record.lease.who == who or _is_past(record.lease, now))
        ]

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        for order_id, version in delivered.items():
            record = self._waiting.get(order_id)
            if record is None:
                continue
            record.pending = tuple(event for event in record.pending if event.version > version)
            if not record.pending:
                record.failed = record.lease = None
                del self._waiting[order_id]
            elif record.failed and record.failed.version <= version:
                take_up_again(record, LONG_PAST)
        return delivered.keys() & self._waiting.keys()

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        record = self._waiting.get(event.order_id)
        if record is None or record.lease is None or record.lease.who != who:
            return False
        if record.pending[0].version != event.version:
            return False
        record.failed = Failure(event.version, reason, at, tries)
        record.lease = None
        return True

    async def give_up(self, who: str, now: datetime) -> None:
        for record in self._waiting.values():
            if record.lease and record.lease.who == who:
                record.lease = Lease(who, min(record.lease.until, now))


def take_up_again(record: Record, until: datetime) -> None:
    """Let what waits be claimed: it is nobody's, from then on."""
    record.failed = None
    record.lease = Lease("", until)


def _is_past(lease: Lease, now: datetime) -> bool:
    return not now < lease.until <= now + FARTHEST_LEASE


def _claim(record: Record, who: str, now: datetime) -> Claimed:
    record.lease = Lease(who, now + LEASE)
    return Claimed(record.order.id, record.pending[:MOST_CLAIMED_EVENTS])
