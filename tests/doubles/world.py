"""Processes that share one storage and one broker, and time that passes only when a test says so."""

from datetime import timedelta
from decimal import Decimal

from adapters.outbound.memory import MemoryStorage
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.use_cases.relay import Relay
from tests.doubles.clock import CountedIds, ManualClock, counted_id
from tests.doubles.outbox import FaultyOutbox
from tests.doubles.publisher import ScriptedPublisher

DOCUMENT = b'{"status":"new"}'


def order_of(order_id: Id) -> Order:
    return Order(order_id, counted_id(0xA), Decimal(1), (), "new")


class Process:
    """One process: it writes orders and relays their events."""

    def __init__(self, world: "World", who: str, chance: float) -> None:
        self._world = world
        self.outbox = FaultyOutbox(world.storage.outbox)
        self.relay = Relay(self.outbox, world.publisher, world.clock, who, lambda: chance)

    def _change(self, type_: EventType, value: bytes) -> Change:
        return Change(type_, self._world.clock.now(), None, value)

    async def create(self, value: bytes = DOCUMENT, *, offered: bool = True) -> Id:
        """Store a new order and, as the use case does, offer its event; not offered is a crash in between."""
        order_id = self._world.new_id()
        change = self._change(EventType.CREATED, value)
        leased_at = self._world.clock.monotonic()
        await self._world.storage.orders.add(order_of(order_id), change, self.relay.who)
        if offered:
            self.relay.offer(OrderEvent(order_id, 1, change), 1, leased_at)
        return order_id

    async def write(self, order_id: Id, value: bytes = DOCUMENT) -> "Answer":
        """Store the next version, whose answer is yet to arrive."""
        change = self._change(EventType.UPDATED, value)
        leased_at = self._world.clock.monotonic()
        orders = self._world.storage.orders
        written = await orders.replace(order_of(order_id), change, self.relay.who)
        assert written is not None
        event = OrderEvent(order_id, written.version, change)
        return Answer(self, event, written.leased_from, leased_at)

    async def update(self, order_id: Id, value: bytes = DOCUMENT) -> int:
        """Store the next version and offer its event."""
        return (await self.write(order_id, value)).arrive()


class Answer:
    """Storage's answer to a write."""

    def __init__(
        self, process: Process, event: OrderEvent, leased_from: int | None, leased_at: float
    ) -> None:
        self._process = process
        self.event = event
        self._leased_from = leased_from
        self._leased_at = leased_at

    def arrive(self) -> int:
        """Offer the event, now that it is known to be stored; gives its version."""
        self._process.relay.offer(self.event, self._leased_from, self._leased_at)
        return self.event.version


class World:
    """What processes share."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.publisher = ScriptedPublisher()
        self.clock = ManualClock()
        self.new_id = CountedIds()
        self.processes: list[Process] = []

    def process(self, who: str = "me", chance: float = 0.0) -> Process:
        """Make a process whose relay does not scan yet."""
        process = Process(self, who, chance)
        self.processes.append(process)
        return process

    def running(self, who: str = "me") -> Process:
        """Make a process whose relay scans."""
        process = self.process(who)
        process.relay.start()
        return process

    async def waiting(self) -> dict[Id, list[int]]:
        """Tell which versions wait of which orders, failed ones aside, by taking every lease."""
        later = self.clock.now() + timedelta(days=1)
        claimed = await self.storage.outbox.claim_due("the test", later, 1_000_000)
        return {claim.order_id: [event.version for event in claim.events] for claim in claimed}
