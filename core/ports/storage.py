"""What the core needs to keep: one object that carries every storage port.

Every method may raise `StorageUnavailable`: storage gave no answer in time. A write is then stored, wholly, or not at
all, and may still become visible shortly after. Every other write has ended when its method returns, and lasts.

What is returned is the caller's own: changing it changes nothing that is stored. Equal values come back equal, prices
to the last digit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.domain.products import Product
from core.domain.users import User
from core.ports.backlog import Backlog

LEASE = timedelta(seconds=10)
"""How long a process may count on being the only one that sends the events of an order."""
FARTHEST_LEASE = timedelta(seconds=20)
"""A lease that ends later than this from now was set by a clock that is wrong; it counts as past."""
MOST_WAITING_BYTES = 4_194_304
"""An order whose waiting values come to this many bytes takes no further change until some have left."""
MOST_CLAIMED_EVENTS = 64
"""A claim brings at most this many events of one order, the oldest; fewer, but one at least, where they are large."""


class Users(Protocol):
    """Users, one for each email, case aside."""

    async def add(self, user: User) -> None:
        """Store a new user; of several with one email at the same moment, one is stored. Raises `EmailTaken`."""
        ...

    async def get(self, user_id: Id) -> User | None:
        """Give the user, or None."""
        ...

    async def find(self, email: str) -> User | None:
        """Give the user with that email, case aside, or None."""
        ...

    async def exists(self, user_id: Id) -> bool:
        """Tell whether there is such a user."""
        ...

    async def replace(self, user: User) -> User:
        """Replace the user whose stored version is `user.version`; give what is stored now, one version on.

        Raises `NotFound`, `VersionConflict` where the stored version is another, `EmailTaken`; nothing is changed then.
        """
        ...

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        """Put `password_hash` in the place of `verified` if that is still the stored hash; the version stays."""
        ...


class Products(Protocol):
    """Products."""

    async def add(self, product: Product) -> None:
        """Store a new product."""
        ...

    async def get(self, product_id: Id) -> Product | None:
        """Give the product, or None."""
        ...

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        """Tell which of these products do not exist."""
        ...

    async def replace(self, product: Product) -> Product | None:
        """Replace the product whatever its version, `product.version` included, and give what is stored now.

        Storage counts the version, so of concurrent calls each makes one of its own. None where there is no product.
        """
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What storage decided about a change of an order.

    `version` is the change's. `leased_from` equals it where this write took the lease, so that nothing older waits;
    else it is an earlier version or None.
    """

    version: int
    leased_from: int | None


class Orders(Protocol):
    """Orders, each stored in one atomic write with the event of its change.

    A write whose order had no waiting event takes the lease on it for `who`, from its own version on, until LEASE
    after the change's time.
    """

    async def add(self, order: Order, change: Change, who: str) -> None:
        """Store a new order as version 1, its event and the lease of `who`."""
        ...

    async def get(self, order_id: Id) -> Order | None:
        """Give the order, or None."""
        ...

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        """Replace the order whatever its version, `order.version` included, and append the event of its change.

        Storage counts the version and decides who takes the lease, so of concurrent calls each makes a version and an
        event of its own, without a gap. None where there is no such order. Raises `Overloaded`, and changes nothing,
        where the waiting values of this order already come to MOST_WAITING_BYTES.
        """
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """Events of one order that the claiming process may send, oldest first, from the first that waits."""

    order_id: Id
    events: tuple[OrderEvent, ...]


class Outbox(Protocol):
    """The events that wait to be sent, inside their orders, and who takes care of them.

    `who` is a process's own name, `now` its time of day. An order can be claimed when something waits, nothing of it
    is set aside, and its lease is past, ends later than FARTHEST_LEASE from now, or is held by `who` already. A claim
    gives the lease to `who` until LEASE after now.
    """

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        """Claim up to `most` orders that nobody takes care of, those whose lease ended first before others.

        Of concurrent callers each order goes to one. Fewer may come than there are.
        """
        ...

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        """Claim those of `order_ids` that can be claimed, and give them."""
        ...

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        """Remove what is delivered: of each order, the events up to that version, and a failure among them.

        The lease goes with the last event. It does not matter who holds it, nor whether events were removed before.
        Gives the orders among them of which something still waits.
        """
        ...

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        """Set an order aside because its event is refused for good: no claim meets it again, later events wait.

        Tells whether it was done: only where `who` holds the lease and the event is the first that waits.
        """
        ...

    async def give_up(self, who: str, now: datetime) -> None:
        """End, as of now, every lease that `who` holds, so that others need not wait for it."""
        ...


class Storage(Protocol):
    """Everything that is kept, opened as one."""

    @property
    def users(self) -> Users:
        """The users."""
        ...

    @property
    def products(self) -> Products:
        """The products."""
        ...

    @property
    def orders(self) -> Orders:
        """The orders."""
        ...

    @property
    def outbox(self) -> Outbox:
        """The events that wait."""
        ...

    @property
    def backlog(self) -> Backlog:
        """The orders as operators look at them."""
        ...

    async def prepare(self) -> None:
        """Make whatever has to be there before anything is stored, indexes say, within 10 s; harmless when repeated.

        Raises `StorageUnavailable` with a reason for whoever starts the service.
        """
        ...

    async def check(self) -> None:
        """Raise `StorageUnavailable` where storage cannot serve now; the message names no host."""
        ...
