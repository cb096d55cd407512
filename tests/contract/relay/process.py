"""A process that writes orders and relays their events, and that can be frozen, killed or stopped."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from core.domain.errors import StorageUnavailable, UnknownReference
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.events import Publisher
from core.ports.storage import Outbox, Storage
from core.use_cases.orders import PlaceOrder, References, UpdateOrder
from core.use_cases.relay import Relay
from tests.contract.relay.broker import Broker, Link
from tests.contract.relay.connection import ConnectedOrders, ConnectedOutbox, Connection, Packet
from tests.contract.relay.judge import Judge
from tests.contract.relay.loop import IdleLoop
from tests.doubles.clock import CountedIds, ManualClock, counted_id


class Shared:
    """What all processes share."""

    def __init__(self, loop: IdleLoop, storage: Storage) -> None:
        self.loop = loop
        self.storage = storage
        self.clock = ManualClock()
        self.new_id = CountedIds()
        self.judge = Judge()
        self.broker = Broker(self.judge)
        self.packets: list[Packet] = []
        self._changes = 0

    def new_fields(self) -> dict[str, object]:
        """Give the fields of an order that no other change has."""
        self._changes += 1
        item = {"product_id": counted_id(0xB), "quantity": 1}
        return {
            "customer_id": counted_id(0xA),
            "price": Decimal(1),
            "items": [item],
            "status": str(self._changes),
        }


class AllKnown(References):
    """Whatever an order names exists."""

    def __init__(self) -> None:
        """Nobody has to be asked."""

    async def unknown(self, order: Order) -> UnknownReference | None:
        return None


class Process:
    """One process, on what all share; a frozen or dead one does nothing, though what it sent may still arrive.

    `ahead` is what its time of day is ahead of the true one.
    """

    orders_type = ConnectedOrders
    outbox_type = ConnectedOutbox

    def __init__(self, shared: Shared, who: str, ahead: timedelta) -> None:
        self._shared = shared
        self._ahead = ahead
        self._awake = asyncio.Event()
        self._awake.set()
        self.is_dead = False
        clock, judge, storage = shared.clock, shared.judge, shared.storage
        self.connection = Connection(shared.loop, shared.packets, clock, self._be_awake)
        self.relay = self.make_relay(
            self.outbox_type(storage, self.connection, judge, clock),
            Link(shared.broker, clock.monotonic, self._be_awake),
            who,
        )
        orders = self.orders_type(storage, self.connection, judge)
        self._place = PlaceOrder(orders, AllKnown(), self.relay, self, shared.new_id)
        self._update = UpdateOrder(orders, AllKnown(), self.relay, self)

    def make_relay(self, outbox: Outbox, publisher: Publisher, who: str) -> Relay:
        return Relay(outbox, publisher, self, who, chance=lambda: 0.0)

    @property
    def is_frozen(self) -> bool:
        return not self._awake.is_set()

    def freeze(self) -> None:
        self._awake.clear()

    def wake(self) -> None:
        self._awake.set()

    def die(self) -> None:
        """Freeze for ever."""
        self.is_dead = True
        self.freeze()

    async def _be_awake(self) -> None:
        await self._awake.wait()

    def now(self) -> datetime:
        return self._shared.clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._shared.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._shared.clock.sleep(seconds)
        await self._be_awake()

    async def start(self) -> None:
        self.relay.start()

    async def create(self) -> None:
        """Place an order, as a request does."""
        with suppress(StorageUnavailable):
            await self._place(self._shared.new_fields())

    async def update(self, order_id: Id) -> None:
        """Update an order, likewise."""
        with suppress(StorageUnavailable):
            await self._update({"_id": order_id, **self._shared.new_fields()})
