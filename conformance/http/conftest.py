"""What the checks start from. Whoever runs them gives two fixtures: `url` and `topic`."""

from collections.abc import Iterator

import pytest

from conformance.http.client import Api
from conformance.http.event_specification import check
from conformance.http.events import Event, Events
from conformance.http.given import Shop, open_shop
from conformance.http.journal import journal

MARKERS = (
    "contract(line, ...): the lines of docs/contract.md that a check stands for",
    "safe: it sends nothing but GET, HEAD and OPTIONS",
)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


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
