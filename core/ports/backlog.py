"""What operators need of the orders: what waits, what is set aside, and what each order last was."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.events import OrderEvent
from core.domain.ids import Id


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an order is set aside: this version was refused for good, after so many tries."""

    version: int
    reason: str
    at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Which process takes care of an order, and until when; `who` is empty where none did yet."""

    who: str
    until: datetime


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order with events that wait: how many, from which version to which, the oldest made at `since`.

    It is set aside for a `failure` or has a `lease`, never both.
    """

    order_id: Id
    first_version: int
    last_version: int
    count: int
    since: datetime
    failure: Failure | None
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """How an order stands: the event of its present version, the versions that wait, those that were discarded."""

    latest: OrderEvent
    waiting: tuple[int, ...]
    discarded: tuple[int, ...]


class Backlog(Protocol):
    """The orders, as operators look at them and mend them.

    What is read was stored durably: no fault of storage takes it back. Iterators hold a bounded part in memory, and
    give what changes while they run as it was, as it is, or not at all.
    """

    def waiting(self) -> AsyncIterator[WaitingOrder]:
        """Give every order of which something waits, those that are set aside included."""
        ...

    def failed(self) -> AsyncIterator[WaitingOrder]:
        """Give the orders that are set aside, those that were first come first."""
        ...

    async def find(self, order_id: Id) -> WaitingOrder | None:
        """Give this order if something of it waits, or None."""
        ...

    async def retry(self, order_ids: Collection[Id], now: datetime) -> set[Id]:
        """Take up again those of these orders that are set aside: as of `now` any process can claim them.

        Gives those that were set aside.
        """
        ...

    async def discard(self, order_id: Id, version: int, now: datetime) -> bool:
        """Remove the event for which an order is set aside, remember its version, and take up what waits behind it.

        Tells whether it was done: only where the order is set aside for that version and it is the first that waits.
        """
        ...

    def orders(self) -> AsyncIterator[StoredOrder]:
        """Give every order, each once."""
        ...

    def changed_since(self, time: datetime) -> AsyncIterator[StoredOrder]:
        """Give every order whose latest change was made at `time` or later; `time` is of whole milliseconds."""
        ...

    async def get(self, order_ids: Collection[Id]) -> Sequence[StoredOrder]:
        """Give those of these orders that are stored, in any order.

        The latest event is equal, byte for byte, to the one that was or will be sent.
        """
        ...
