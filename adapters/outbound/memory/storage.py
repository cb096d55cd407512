"""Everything in this process's memory: for tests, and for trying the service out.

Nothing awaits between a check and its change, so on one event loop every method is atomic. All that is stored is
immutable, so nothing that is returned can be used to change it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from core.domain.errors import EmailTaken, NotFound, Overloaded, VersionConflict
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.domain.products import Product
from core.domain.users import User, email_key
from core.ports.plugins import Environment
from core.ports.storage import (
    FARTHEST_LEASE,
    LEASE,
    MOST_CLAIMED_EVENTS,
    MOST_WAITING_BYTES,
    Claimed,
    Written,
)


class MemoryUsers:
    """The port `Users`."""

    def __init__(self) -> None:
        self._users: dict[Id, User] = {}
        self._ids: dict[str, Id] = {}

    async def add(self, user: User) -> None:
        if email_key(user.email) in self._ids:
            raise EmailTaken
        self._ids[email_key(user.email)] = user.id
        self._users[user.id] = user

    async def get(self, user_id: Id) -> User | None:
        return self._users.get(user_id)

    async def find(self, email: str) -> User | None:
        user_id = self._ids.get(email_key(email))
        return None if user_id is None else self._users[user_id]

    async def exists(self, user_id: Id) -> bool:
        return user_id in self._users

    async def replace(self, user: User) -> User:
        stored = self._users.get(user.id)
        if stored is None:
            raise NotFound("user")
        if stored.version != user.version:
            raise VersionConflict
        if self._ids.get(email_key(user.email), user.id) != user.id:
            raise EmailTaken
        del self._ids[email_key(stored.email)]
        self._ids[email_key(user.email)] = user.id
        self._users[user.id] = replace(user, version=user.version + 1)
        return self._users[user.id]

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        stored = self._users.get(user_id)
        if stored is not None and stored.password_hash == verified:
            self._users[user_id] = replace(stored, password_hash=password_hash)


class MemoryProducts:
    """The port `Products`."""

    def __init__(self) -> None:
        self._products: dict[Id, Product] = {}

    async def add(self, product: Product) -> None:
        self._products[product.id] = product

    async def get(self, product_id: Id) -> Product | None:
        return self._products.get(product_id)

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        return set(product_ids) - self._products.keys()

    async def replace(self, product: Product) -> Product | None:
        stored = self._products.get(product.id)
        if stored is None:
            return None
        self._products[product.id] = replace(product, version=stored.version + 1)
        return self._products[product.id]


@dataclass(frozen=True, slots=True)
class _Lease:
    who: str
    from_version: int
    until: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    version: int
    reason: str
    at: datetime
    tries: int


@dataclass(slots=True)
class _Record:
    """An order with what waits inside it, as one document."""

    order: Order
    pending: tuple[OrderEvent, ...]
    lease: _Lease | None
    failed: _Failure | None = None


class MemoryOrders:
    """The ports `Orders` and `Outbox`, on the same records."""

    def __init__(self) -> None:
        self._records: dict[Id, _Record] = {}
        self._waiting: dict[Id, _Record] = {}

    async def add(self, order: Order, change: Change, who: str) -> None:
        event = OrderEvent(order.id, 1, change)
        record = _Record(replace(order, version=1), (event,), _Lease(who, 1, change.time + LEASE))
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
        record.order = replace(order, version=version)
        if not record.pending:
            record.lease = _Lease(who, version, change.time + LEASE)
        record.pending += (OrderEvent(order.id, version, change),)
        self._waiting[order.id] = record
        mine = record.lease is not None and record.lease.who == who
        return Written(version, record.lease.from_version if record.lease and mine else None)

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        due = [record for record in self._waiting.values() if _due(record, now)]
        due.sort(key=lambda record: record.lease.until if record.lease else now)
        return [_claim(record, who, now) for record in due[:most]]

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        records = [self._waiting[order_id] for order_id in order_ids if order_id in self._waiting]
        return [
            _claim(record, who, now)
            for record in records
            if _due(record, now) or _held_by(record, who)
        ]

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        for order_id, version in delivered.items():
            record = self._waiting.get(order_id)
            if record is None:
                continue
            if record.failed and record.failed.version <= version:
                record.failed = None
            record.pending = tuple(event for event in record.pending if event.version > version)
            if not record.pending:
                record.lease = None
                del self._waiting[order_id]
        return delivered.keys() & self._waiting.keys()

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        record = self._waiting.get(event.order_id)
        if (
            record is None
            or not _held_by(record, who)
            or record.pending[0].version != event.version
        ):
            return False
        record.failed = _Failure(event.version, reason, at, tries)
        record.lease = None
        return True

    async def give_up(self, who: str, now: datetime) -> None:
        for record in self._waiting.values():
            if record.lease and record.lease.who == who:
                record.lease = replace(record.lease, until=now)


def _due(record: _Record, now: datetime) -> bool:
    if record.failed:
        return False
    return record.lease is None or not now < record.lease.until <= now + FARTHEST_LEASE


def _held_by(record: _Record, who: str) -> bool:
    return not record.failed and record.lease is not None and record.lease.who == who


def _claim(record: _Record, who: str, now: datetime) -> Claimed:
    first = record.pending[0].version
    record.lease = _Lease(who, first, now + LEASE)
    return Claimed(record.order.id, record.pending[:MOST_CLAIMED_EVENTS])


@dataclass(frozen=True, slots=True)
class MemoryStorage:
    """The port `Storage`."""

    users: MemoryUsers = field(default_factory=MemoryUsers)
    products: MemoryProducts = field(default_factory=MemoryProducts)
    orders: MemoryOrders = field(default_factory=MemoryOrders)

    @property
    def outbox(self) -> MemoryOrders:
        return self.orders

    async def prepare(self) -> None:
        """Nothing has to be there."""

    async def check(self) -> None:
        """Memory is always there."""


@dataclass(frozen=True, slots=True)
class MemoryStorageSettings:
    """The entry point `memory` of `orderport.storage`: nothing to set."""

    shared = False

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MemoryStorage]:
        yield MemoryStorage()
