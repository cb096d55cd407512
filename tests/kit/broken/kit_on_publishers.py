"""The kit on each broken publisher: test_broken_adapters.py runs this."""

from collections.abc import Sequence

import pytest

from orderport import Message
from orderport.testing import EventsKit
from orderport.testing.events.topic import Messages
from tests.kit.broken.publishers import BROKEN, BrokenEventsSettings

TOPIC: list[Message] = []


@pytest.fixture(scope="module", params=BROKEN)
def settings(request: pytest.FixtureRequest) -> BrokenEventsSettings:
    kind, _ = BROKEN[request.param]
    return BrokenEventsSettings(kind, TOPIC)


@pytest.fixture(scope="module")
def out_of_reach(settings: BrokenEventsSettings) -> BrokenEventsSettings:
    return BrokenEventsSettings(settings.kind, None)


@pytest.fixture(scope="module")
def messages() -> Messages:
    async def messages() -> Sequence[Message]:
        return TOPIC

    return messages


class TestBrokenPublishers(EventsKit):
    pass
