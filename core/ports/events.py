"""What the core needs to tell the world of changes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from core.domain.events import OrderEvent


class Outcome(Enum):
    """How a send ended."""

    ACKNOWLEDGED = auto()
    """It is on the topic and stays there."""
    UNKNOWN = auto()
    """No answer: it may be on the topic or not, now or later. To be sent again, the same bytes."""
    REFUSED = auto()
    """It can never be taken as it is: too large, or no valid record."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one event; `reason` is for operators, empty when acknowledged."""

    outcome: Outcome
    reason: str = ""


class Publisher(Protocol):
    """Sends events to the topic, an order's id as key, the change's value and the event's headers as they are."""

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        """Send `events`, at most one of each order, and give a receipt for each, in their order.

        Every event has its receipt within 4 s, whatever the broker does, and no error is raised for one. Calls may
        overlap. Of events that go together all may be refused for the fault of one; alone, only that one is.
        """
        ...

    async def check(self) -> None:
        """Raise `EventsUnavailable` where nothing can be published now."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What lies on the topic, whoever put it there; `sent` is in milliseconds since 1970.

    Offsets count up within a partition, one by one, unless messages have been removed.
    """

    partition: int
    offset: int
    sent: int
    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class EventLog(Protocol):
    """Reads the topic and leaves no trace there. Every method may raise `EventsUnavailable`."""

    async def ends(self) -> Mapping[int, int]:
        """Give for each partition the offset behind its last message, as of now."""
        ...

    def read(self, ends: Mapping[int, int]) -> AsyncIterator[Sequence[Message]]:
        """Give all messages from the first that is left to those before `ends`, each partition's in order."""
        ...
