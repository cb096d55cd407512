"""What the checks start from. Whoever runs them gives two fixtures: `url` and `topic`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.http.client import Api, CheckedWire
from conformance.http.event_specification import check
from conformance.http.events import Event, Events
from conformance.http.given import NO_ID, Shop, open_shop
from conformance.http.journal import journal
from conformance.http.specification import OPERATIONS


@pytest.fixture(autouse=True)
def _forget_the_last_check() -> None:
    journal.exchanges.clear()


@pytest.fixture(scope="session")
def api(url: str) -> Iterator[Api]:
    """A client of the service."""
    with Api(url) as client:
        yield client


@pytest.fixture(scope="session")
def shop(api: Api) -> Shop:
    """Entities that exist, and that no check changes."""
    return open_shop(api)


@pytest.fixture(scope="session", autouse=True)
def half_sent(url: str) -> Iterator[list[CheckedWire]]:
    """Requests to every operation with a body, a part of which is sent when all begins, and no more."""
    with ExitStack() as stack:
        wires = []
        for operation in [] if journal.only_safe else OPERATIONS.values():
            if operation.has_body:
                wire = stack.enter_context(CheckedWire(url, seconds=40))
                path = operation.path.format(id=NO_ID)
                wire.begin(operation.method, path, b"Content-Length: 2").send(b"{")
                wires.append(wire)
        yield wires


class CheckedEvents:
    """Events that are held to the specification, so that no check can forget to."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def of(self, order_id: str, count: int) -> list[Event]:
        """As `Events` has it."""
        found = self._events.of(order_id, count)
        for event in found:
            check(event)
        return found


@pytest.fixture(scope="session")
def events(topic: Events | None) -> CheckedEvents:
    """The events of the service, where somebody listens."""
    if topic is None:
        pytest.skip("events are read with --kafka and --topic")
    return CheckedEvents(topic)
