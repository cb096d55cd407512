"""A process that writes orders and relays their events, and that can be frozen, killed or stopped."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import Overloaded, StorageUnavailable
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.use_cases.relay import Relay
from tests.contract.relay.broker import Broker, Link
from tests.contract.relay.connection import ConnectedOutbox, Connection, Packet
from tests.doubles.clock import CountedIds, ManualClock, counted_id


class Shared:
    """What all processes share."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.clock = ManualClock()
        self.new_id = CountedIds()
        self.written: dict[Id, list[bytes]] = defaultdict(list)
        self.broker = Broker(self.written)
        self.packets: list[Packet] = []
        self.values = 0

    def new_value(self) -> bytes:
        """Give a value that no other version has."""
        self.values += 1
        return str(self.values).encode()


class Process:
    """One process, on what all share; a frozen or dead one does nothing, though what it sent may still arrive."""

    def __init__(self, shared: Shared, who: str) -> None:
        self._shared = shared
        self._awake = asyncio.Event()
        self._awake.set()
        self.is_dead = False
        clock = shared.clock
        self.connection = Connection(shared.packets, clock.monotonic, self._be_awake)
        self.relay = Relay(
            ConnectedOutbox(shared.storage.outbox, self.connection),
            Link(shared.broker, clock.monotonic, self._be_awake),
            self,
            who,
            chance=lambda: 0.0,
        )

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
        return self._shared.clock.now()

    def monotonic(self) -> float:
        return self._shared.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._shared.clock.sleep(seconds)
        await self._be_awake()

    async def start(self) -> None:
        self.relay.start()

    async def create(self) -> None:
        """Store a new order; its event is offered once the answer is there."""
        order_id = self._shared.new_id()
        order, change = self._made(order_id, EventType.CREATED)
        leased_at = self.monotonic()

        async def add() -> None:
            await self._shared.storage.orders.add(order, change, self.relay.who)
            self._shared.written[order_id].append(change.value)

        with suppress(StorageUnavailable):
            await self.connection.run("add", add)
            self.relay.offer(OrderEvent(order_id, 1, change), 1, leased_at)

    async def update(self, order_id: Id) -> None:
        """Store the next version of an order; its event is offered once the answer is there."""
        order, change = self._made(order_id, EventType.UPDATED)
        leased_at = self.monotonic()

        async def replace() -> tuple[int, int | None]:
            written = await self._shared.storage.orders.replace(order, change, self.relay.who)
            assert written is not None
            self._shared.written[order_id].append(change.value)
            assert written.version == len(self._shared.written[order_id])
            return written.version, written.leased_from

        with suppress(StorageUnavailable, Overloaded):
            version, leased_from = await self.connection.run("replace", replace)
            self.relay.offer(OrderEvent(order_id, version, change), leased_from, leased_at)

    def _made(self, order_id: Id, type_: EventType) -> tuple[Order, Change]:
        value = self._shared.new_value()
        order = Order(order_id, counted_id(0xA), Decimal(1), (), "new")
        return order, Change(type_, self.now(), None, value)
