"""What one process holds in memory of the events that wait: those of orders it has the lease of.

All of it may be forgotten at any moment without harm: storage has it, and the scan finds it again.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from core.domain.events import OrderEvent
from core.domain.ids import Id


class State(Enum):
    """Where a held order is."""

    READY = auto()
    """In the line."""
    UNDER_WAY = auto()
    """Its first event is being sent: whoever sends it decides what comes next."""
    UNMARKED = auto()
    """The mark of what was delivered of it is to come, and decides what comes next."""
    PAUSED = auto()
    """To be tried again later."""


@dataclass(slots=True, eq=False)
class HeldOrder:
    """Events of one order, in order: the first goes first, alone of its order. There may be none until the next mark.

    `leased_at` is monotonic time from before the command that set the lease.
    """

    order_id: Id
    events: deque[OrderEvent]
    leased_at: float
    state: State = State.PAUSED
    tries: int = 0
    refusals: int = 0


@dataclass(slots=True)
class HeldOrders:
    """All of them, and the line of those that are ready; `on_ready` is called whenever one comes into it."""

    most_bytes: int
    many_orders: int
    on_ready: Callable[[], None]
    bytes: int = 0
    kept: HeldOrder | None = None
    """The one to try, while the broker is away."""
    _orders: dict[Id, HeldOrder] = field(default_factory=dict)
    _line: deque[HeldOrder] = field(default_factory=deque)

    def __len__(self) -> int:
        """How many orders are held."""
        return len(self._orders)

    @property
    def any_ready(self) -> bool:
        """Whether any order is ready."""
        return bool(self._line)

    @property
    def crowded(self) -> bool:
        """Whether so much is held that the rest of the room is for fresh events."""
        return 2 * self.bytes > self.most_bytes or len(self) > self.many_orders

    def get(self, order_id: Id) -> HeldOrder | None:
        """Give what is held of an order."""
        return self._orders.get(order_id)

    def fits(self, event: OrderEvent) -> bool:
        """Whether there is room for one more event."""
        return self.bytes + len(event.change.value) <= self.most_bytes

    def hold(self, order_id: Id, events: Iterable[OrderEvent], leased_at: float) -> None:
        """Hold these events, at least one, in the place of whatever was held of their order, and make it ready.

        What was tried of the first still counts if it is the same. Once the room is used up, only the first is held.
        """
        held = self._orders.get(order_id)
        if held is None:
            held = self._orders[order_id] = HeldOrder(order_id, deque(), leased_at)
        self.bytes -= _size(held.events)
        first, *others = events
        if not (held.events and held.events[0].version == first.version):
            held.tries = held.refusals = 0
        held.events = deque([first, *others] if self.bytes < self.most_bytes else [first])
        self.bytes += _size(held.events)
        held.leased_at = leased_at
        if held.state in (State.PAUSED, State.UNMARKED):
            self.make_ready(held)

    def append(self, held: HeldOrder, event: OrderEvent) -> None:
        """Put the next version behind what is held."""
        held.events.append(event)
        self.bytes += len(event.change.value)

    def make_ready(self, held: HeldOrder) -> None:
        """Put an order at the end of the line."""
        held.state = State.READY
        self._line.append(held)
        self.on_ready()

    def take(self, most: int) -> list[HeldOrder]:
        """Take a batch from the head of the line, now under way; an order whose event was refused travels alone."""
        batch: list[HeldOrder] = []
        while self._line and len(batch) < most:
            alone = self._line[0].refusals > 0
            if alone and batch:
                break
            held = self._line.popleft()
            held.state = State.UNDER_WAY
            batch.append(held)
            if alone:
                break
        return batch

    def wake(self, held: HeldOrder) -> None:
        """Make an order ready if it is still held and paused."""
        if held.state is State.PAUSED and self._orders.get(held.order_id) is held:
            self.make_ready(held)

    def wake_kept(self) -> None:
        """Make the one that was kept to be tried ready."""
        kept, self.kept = self.kept, None
        if kept:
            self.wake(kept)

    def drop(self, held: HeldOrder, delivered: int) -> None:
        """Let go of the events up to a version."""
        while held.events and held.events[0].version <= delivered:
            self.bytes -= len(held.events.popleft().change.value)
            held.tries = held.refusals = 0

    def forget(self, held: HeldOrder) -> None:
        """Let go of an order and all its events."""
        self.bytes -= _size(held.events)
        del self._orders[held.order_id]

    def forget_idle(self) -> None:
        """Let go of every order that is not under way."""
        self.kept = None
        self._line.clear()
        for held in [held for held in self._orders.values() if held.state is not State.UNDER_WAY]:
            self.forget(held)


def _size(events: Iterable[OrderEvent]) -> int:
    return sum(len(event.change.value) for event in events)
