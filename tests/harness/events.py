"""Events as a consumer meets them, whichever way they came."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.harness.exact_json import from_json


@dataclass(frozen=True)
class Event:
    """One message: headers as one mapping, the value decoded, its decimals exact."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: Mapping[str, Any]


class Service(Protocol):
    """A service that runs, and whoever listens to its events."""

    @property
    def url(self) -> str:
        """Where it serves, without a slash at the end."""
        ...

    def events_of(self, order_id: str, count: int) -> list[Event]:
        """Wait until `count` events of an order have come; give all of it so far, in their order."""
        ...


class EventLines:
    """The events of a service that prints each as one line of JSON, gathered while it runs."""

    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = defaultdict(list)
        self._broken: list[bytes] = []
        self._more = threading.Condition()

    def gather(self, lines: Iterable[bytes]) -> None:
        """Take lines until there are no more."""
        for line in lines:
            with self._more:
                self._take(line)
                self._more.notify_all()

    def of(self, order_id: str, count: int, seconds: float = 10) -> list[Event]:
        """Wait until `count` events of an order have come; give all of it so far."""
        with self._more:
            complete = self._more.wait_for(lambda: len(self._events[order_id]) >= count, seconds)
            assert not self._broken, self._broken
            assert complete, f"{len(self._events[order_id])} of {count} events of {order_id} came"
            return list(self._events[order_id])

    def all(self) -> dict[str, list[Event]]:
        """Give all that came so far, by order."""
        with self._more:
            assert not self._broken, self._broken
            return {order_id: list(events) for order_id, events in self._events.items() if events}

    def _take(self, line: bytes) -> None:
        try:
            event = Event(**from_json(line))
        except (TypeError, ValueError):
            self._broken.append(line)
        else:
            self._events[event.key].append(event)
