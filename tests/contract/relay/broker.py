"""A broker that takes, loses and delays what is sent to it, and checks what it is sent."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.events import Outcome, Receipt

ANSWER_SECONDS = 4.0


class Fate(Enum):
    """What becomes of an event, and what its sender hears of it."""

    TAKEN = auto()
    TAKEN_UNHEARD = auto()
    LOST = auto()
    DELAYED = auto()
    """Nothing is heard of it, and it comes to the topic later, or never."""
    REFUSED = auto()


OUTCOMES = {Fate.TAKEN: Outcome.ACKNOWLEDGED, Fate.REFUSED: Outcome.REFUSED}


@dataclass(eq=False)
class Sending:
    """A call of `publish` that has no answer yet."""

    events: tuple[OrderEvent, ...]
    since: float
    landed: "asyncio.Future[Sequence[Fate]]"


@dataclass
class Broker:
    """`written` are the values that each order's versions were stored with; nothing else may come here.

    `prompt` broker's answers come at once. As long as there was no `fault` no event may come twice.
    """

    written: dict[Id, list[bytes]]
    prompt: bool = True
    fault: bool = False
    sendings: list[Sending] = field(default_factory=list)
    delayed: list[OrderEvent] = field(default_factory=list)
    delivered: dict[Id, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, event: OrderEvent) -> None:
        """Put an event on the topic, where nothing may be invented, nor a first delivery come out of order."""
        stored = self.written[event.order_id]
        assert event.version <= len(stored), "invented"
        assert event.change.value == stored[event.version - 1], "not what was stored"
        assert event.version <= self.delivered[event.order_id] + 1, "out of order"
        assert self.fault or event.version > self.delivered[event.order_id], "sent twice"
        self.delivered[event.order_id] = max(event.version, self.delivered[event.order_id])

    def land(self, sending: Sending, fates: Sequence[Fate]) -> None:
        """Decide what becomes of the events of a call."""
        self.sendings.remove(sending)
        for event, fate in zip(sending.events, fates, strict=True):
            if fate in (Fate.TAKEN, Fate.TAKEN_UNHEARD):
                self.take(event)
            elif fate is Fate.DELAYED:
                self.delayed.append(event)
            self.fault = self.fault or fate is not Fate.TAKEN
        sending.landed.set_result(fates)


class Link:
    """The port `Publisher`, from one process to the broker; `awake` returns once the process is not frozen."""

    def __init__(
        self, broker: Broker, monotonic: Callable[[], float], awake: Callable[[], Awaitable[None]]
    ) -> None:
        self._broker = broker
        self._monotonic = monotonic
        self._awake = awake
        self._under_way: set[Id] = set()

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        orders = {event.order_id for event in events}
        assert len(orders) == len(events), "two events of one order in one call"
        assert not orders & self._under_way, "two events of one order under way"
        landed = asyncio.get_running_loop().create_future()
        sending = Sending(tuple(events), self._monotonic(), landed)
        self._broker.sendings.append(sending)
        if self._broker.prompt:
            self._broker.land(sending, [Fate.TAKEN] * len(events))
        self._under_way |= orders
        try:
            fates = await landed
        finally:
            self._under_way -= orders
        await self._awake()
        return [Receipt(OUTCOMES.get(fate, Outcome.UNKNOWN), fate.name) for fate in fates]

    async def check(self) -> None:
        raise NotImplementedError
