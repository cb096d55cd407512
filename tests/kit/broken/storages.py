"""Storages with one fault each, on the one in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import ClassVar, Self, cast

from adapters.outbound.memory import MemoryStorage
from adapters.outbound.memory.backlog import MemoryBacklog
from adapters.outbound.memory.orders import MemoryOrders, Records
from adapters.outbound.memory.storage import MemoryUsers
from orderport import (
    FARTHEST_LEASE,
    PORTS_VERSION,
    Change,
    Claimed,
    EmailTaken,
    Environment,
    Feature,
    Id,
    Order,
    Storage,
    StorageUnavailable,
    User,
    VersionConflict,
    Written,
    exact_price,
)


class PricesAsFloats(MemoryOrders):
    """Prices are kept in binary."""

    async def get(self, order_id: Id) -> Order | None:
        order = await super().get(order_id)
        price = exact_price(Decimal(repr(float(order.price)))) if order else None
        return order and replace(order, price=price or Decimal(0))


class EventsApart(MemoryOrders):
    """An order is stored first, and what waits of it is told of a moment later."""

    async def add(self, order: Order, change: Change, who: str) -> None:
        await super().add(order, change, who)
        record = self._waiting.pop(order.id)
        await asyncio.sleep(0)
        self._waiting[order.id] = record


class LeasesForEver(MemoryOrders):
    """A lease that a wrong clock has set is waited for."""

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        return await super().claim(
            who, now, [one for one in order_ids if not self.is_far(one, now)]
        )

    def is_far(self, order_id: Id, now: datetime) -> bool:
        record = self._waiting.get(order_id)
        if record is None or record.lease is None:
            return False
        return record.lease.until > now + FARTHEST_LEASE


class ForgottenDiscards(MemoryOrders):
    """A change makes an order forget what was discarded of it."""

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        if record := self._records.get(order.id):
            record.discarded = ()
        return await super().replace(order, change, who)


class SharedAnswers(MemoryOrders):
    """The same set is given each time, whatever its taker has made of it."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self.answers: dict[tuple[Id, ...], set[Id]] = {}

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        waiting = await super().mark(delivered)
        return self.answers.setdefault(tuple(waiting), waiting)


class EmailsInARace(MemoryUsers):
    """Whether an email is free is asked first, and the user stored a moment later."""

    async def add(self, user: User) -> None:
        if await self.find(user.email):
            raise EmailTaken
        await asyncio.sleep(0)
        self._ids.pop(user.email.lower(), None)
        await super().add(user)


class HalfConflicts(MemoryUsers):
    """Of a user that is replaced too late the email is changed nevertheless."""

    async def replace(self, user: User) -> User:
        try:
            return await super().replace(user)
        except VersionConflict:
            self._users[user.id] = replace(self._users[user.id], name=user.name)
            raise


def with_orders(kind: type[MemoryOrders]) -> Storage:
    storage, records = MemoryStorage(), Records()
    storage.orders, storage.backlog = kind(records), MemoryBacklog(records)
    return storage


def with_users(kind: type[MemoryUsers]) -> Storage:
    storage = MemoryStorage()
    storage.users = kind()
    return storage


_kept = MemoryStorage()


def what_was_kept() -> Storage:
    """Give what was given before: it is durable, and does not say so."""
    return _kept


@dataclass(frozen=True, slots=True)
class BrokenStorageSettings:
    """Settings for storages that are made so."""

    make: Callable[[], Storage]

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar[frozenset[Feature]] = frozenset()

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(MemoryStorage)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Storage]:
        yield self.make()


class ForgetfulSettings(BrokenStorageSettings):
    """Settings for a storage that says that it is durable, and is not."""

    features: ClassVar[frozenset[Feature]] = frozenset({Feature.DURABLE})


class Away:
    """Whatever is asked of it, there is no answer."""

    def __getattr__(self, name: str) -> "Away":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: object) -> "Away":
        return self

    def __await__(self) -> Generator[None, None, object]:
        raise StorageUnavailable("there is no answer")

    def __aiter__(self) -> "Away":
        return self

    async def __anext__(self) -> object:
        return await self


AWAY = BrokenStorageSettings(cast("Callable[[], Storage]", Away))

BROKEN: Mapping[str, tuple[BrokenStorageSettings, set[str]]] = {
    "sound": (BrokenStorageSettings(MemoryStorage), set()),
    "prices as floats": (
        BrokenStorageSettings(partial(with_orders, PricesAsFloats)),
        {"test_equal_prices_come_back", "test_any_price_comes_back"},
    ),
    "events apart": (
        BrokenStorageSettings(partial(with_orders, EventsApart)),
        {
            "test_no_order_is_seen_without_its_event",
            "test_a_write_that_is_given_up_is_stored_wholly_or_not_at_all",
        },
    ),
    "leases for ever": (
        BrokenStorageSettings(partial(with_orders, LeasesForEver)),
        {"test_a_lease_that_ends_too_far_from_now_counts_as_past"},
    ),
    "forgotten discards": (
        BrokenStorageSettings(partial(with_orders, ForgottenDiscards)),
        {"test_any_history_gives_the_answers_of_the_storage_in_memory"},
    ),
    "shared answers": (
        BrokenStorageSettings(partial(with_orders, SharedAnswers)),
        {"test_what_is_returned_is_the_callers_own"},
    ),
    "emails in a race": (
        BrokenStorageSettings(partial(with_users, EmailsInARace)),
        {"test_of_several_users_with_one_email_at_once_one_is_stored"},
    ),
    "half a conflict": (
        BrokenStorageSettings(partial(with_users, HalfConflicts)),
        {
            "test_another_version_is_not_replaced",
            "test_of_concurrent_replacements_of_one_version_one_is_made",
        },
    ),
    "durable unsaid": (
        BrokenStorageSettings(what_was_kept),
        {
            "test_what_is_not_durable_is_gone_when_it_is_opened_again",
            "test_what_is_not_shared_stands_alone_or_is_refused",
        },
    ),
    "not durable": (
        ForgetfulSettings(MemoryStorage),
        {
            "test_what_was_stored_is_there_when_it_is_opened_again",
            "test_what_a_killed_process_stored_or_read_is_there",
        },
    ),
}
"""Each fault, and the checks that reject it."""
