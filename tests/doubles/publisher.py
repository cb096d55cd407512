"""A broker that does what a test says."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.domain.errors import EventsUnavailable
from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.events import Outcome, Receipt

ACKNOWLEDGED, UNKNOWN, REFUSED = Outcome.ACKNOWLEDGED, Outcome.UNKNOWN, Outcome.REFUSED


@dataclass(eq=False)
class Sending:
    """A call of `publish` that waits for its answer."""

    events: tuple[OrderEvent, ...]
    answer: "asyncio.Future[tuple[Outcome, ...]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def land(self, *outcomes: Outcome) -> None:
        """Answer with an outcome for each event, with one for all, or, with none, as the broker says now."""
        self.answer.set_result(outcomes * len(self.events) if len(outcomes) == 1 else outcomes)


class ScriptedPublisher:
    """The port `Publisher`, on a broker of its own.

    `outcome` decides what comes of each event. While `holding`, calls wait in `flights` until a test lets them land.
    It does not stand that two events of one order are on their way at once.
    """

    def __init__(self) -> None:
        self.topic: list[OrderEvent] = []
        self.sent: list[tuple[OrderEvent, ...]] = []
        self.outcome: Callable[[OrderEvent], Outcome] = lambda _: ACKNOWLEDGED
        self.reason = "no broker answers"
        self.error: Exception | None = None
        self.down: str | None = None
        self.holding = False
        self.flights: list[Sending] = []
        self._under_way: set[Id] = set()

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        self.sent.append(tuple(events))
        orders = {event.order_id for event in events}
        assert len(orders) == len(events), "two events of one order in one call"
        assert not orders & self._under_way, "two events of one order on their way at once"
        if self.error is not None:
            raise self.error
        said: tuple[Outcome, ...] = ()
        if self.holding:
            self._under_way |= orders
            flight = Sending(tuple(events))
            self.flights.append(flight)
            try:
                said = await flight.answer
            finally:
                self.forget(flight)
        said = said or tuple(map(self.outcome, events))
        return [self._receive(event, outcome) for event, outcome in zip(events, said, strict=True)]

    def forget(self, flight: Sending) -> None:
        """Let the sender of a call lose it from sight: whoever takes over may send the same orders."""
        if flight in self.flights:
            self.flights.remove(flight)
            self._under_way -= {event.order_id for event in flight.events}

    async def check(self) -> None:
        if self.down is not None:
            raise EventsUnavailable(self.down)

    def _receive(self, event: OrderEvent, outcome: Outcome) -> Receipt:
        if outcome is ACKNOWLEDGED:
            self.topic.append(event)
            return Receipt(outcome)
        return Receipt(outcome, self.reason)

    @property
    def versions_sent(self) -> list[list[int]]:
        """The versions of each call, in order."""
        return [[event.version for event in events] for events in self.sent]

    def delivered(self, order_id: Id) -> list[int]:
        """Give the versions of an order that the broker took, in order, repeats included."""
        return [event.version for event in self.topic if event.order_id == order_id]
