"""Events as a consumer meets them, whichever way they came."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Event:
    """One message: headers as one mapping, the value decoded, its decimals exact."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: Mapping[str, Any]


class Events(Protocol):
    """Whoever listens to the events of the service that is checked."""

    def of(self, order_id: str, count: int) -> list[Event]:
        """Wait until `count` events of an order have come; give all of it so far, in their order."""
        ...


class GatheredEvents:
    """Events that come from another thread, gathered while the service runs."""

    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = defaultdict(list)
        self._broken: list[object] = []
        self._more = threading.Condition()

    def add(self, event: Event) -> None:
        """Take what came."""
        with self._more:
            self._events[event.key].append(event)
            self._more.notify_all()

    def refuse(self, broken: object) -> None:
        """Take what came and is no event, or why nothing more will come; whoever waits fails."""
        with self._more:
            self._broken.append(broken)
            self._more.notify_all()

    def of(self, order_id: str, count: int, seconds: float = 10) -> list[Event]:
        """As `Events` has it."""
        with self._more:
            complete = self._more.wait_for(
                lambda: self._broken or len(self._events[order_id]) >= count, seconds
            )
            assert not self._broken, self._broken
            assert complete, f"{len(self._events[order_id])} of {count} events of {order_id} came"
            return list(self._events[order_id])

    def all(self) -> dict[str, list[Event]]:
        """Give all that came so far, by order."""
        with self._more:
            assert not self._broken, self._broken
            return {order_id: list(events) for order_id, events in self._events.items() if events}
