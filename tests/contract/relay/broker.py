"""A broker that takes, loses and delays what is sent to it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from core.domain.events import OrderEvent
from core.ports.events import Outcome, Receipt
from tests.contract.relay.judge import Judge, Wrong

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
    """A `prompt` broker's answers come at once."""

    judge: Judge
    prompt: bool = True
    sendings: list[Sending] = field(default_factory=list)
    delayed: list[OrderEvent] = field(default_factory=list)

    def land(self, sending: Sending, fates: Sequence[Fate]) -> None:
        """Decide what becomes of the events of a call."""
        self.sendings.remove(sending)
        for event, fate in zip(sending.events, fates, strict=True):
            self.judge.fault |= fate is not Fate.TAKEN
            if fate in (Fate.TAKEN, Fate.TAKEN_UNHEARD):
                self.judge.take(event)
            elif fate is Fate.DELAYED:
                self.delayed.append(event)
        sending.landed.set_result(fates)

    def land_late(self) -> None:
        """Let the first that is delayed come to the topic."""
        self.judge.take(self.delayed.pop(0))


class Link:
    """The port `Publisher`, from one process to the broker; `awake` returns once the process is not frozen."""

    def __init__(
        self, broker: Broker, monotonic: Callable[[], float], awake: Callable[[], Awaitable[None]]
    ) -> None:
        self._broker = broker
        self._monotonic = monotonic
        self._awake = awake

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        if len({event.order_id for event in events}) < len(events):
            self._broker.judge.find(Wrong.A_BUG, "two events of one order go together")
        landed = asyncio.get_running_loop().create_future()
        sending = Sending(tuple(events), self._monotonic(), landed)
        self._broker.sendings.append(sending)
        if self._broker.prompt:
            self._broker.land(sending, [Fate.TAKEN] * len(events))
        fates = await landed
        await self._awake()
        receipts = [Receipt(OUTCOMES.get(fate, Outcome.UNKNOWN), fate.name) for fate in fates]
        for event, receipt in zip(events, receipts, strict=True):
            if receipt.outcome is Outcome.UNKNOWN:
                self._broker.judge.leave_unanswered(event)
        return receipts

    async def check(self) -> None:
        raise NotImplementedError
