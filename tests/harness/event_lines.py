"""The events of a service that prints each as one line of JSON."""

from collections.abc import Iterable

from conformance.http.events import Event, GatheredEvents
from conformance.http.exact_json import from_json


def gather(lines: Iterable[bytes], events: GatheredEvents) -> None:
    """Take lines until there are no more."""
    for line in lines:
        try:
            event = Event(**from_json(line))
        except (TypeError, ValueError):
            events.refuse(line)
        else:
            events.add(event)
