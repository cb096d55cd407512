"""What every check of a publisher is given."""

from collections.abc import Iterator

import pytest

from orderport import EventsSettings, Publisher, is_readable
from orderport.testing.adapter import Adapter, Checks, a_runner
from orderport.testing.events.topic import Messages, Topic, read_back

EventsAdapter = Adapter[Publisher]


class EventsChecks(Checks):
    """Checks that share one open publisher; they publish events of orders of their own and look at nothing else."""

    @pytest.fixture(scope="class")
    @classmethod
    def adapter(cls, settings: EventsSettings) -> Iterator[EventsAdapter]:
        """The adapter that `settings` are for, which whoever uses this gives."""
        with a_runner() as runner:
            adapter = Adapter(settings, runner)
            yield adapter
            adapter.close()

    @pytest.fixture
    def topic(
        self, request: pytest.FixtureRequest, adapter: EventsAdapter, settings: EventsSettings
    ) -> Topic:
        """The publisher that the checks share, and its topic, read by `messages` where there is such a fixture."""
        try:
            messages: Messages = request.getfixturevalue("messages")
        except pytest.FixtureLookupError:
            if not is_readable(settings):
                pytest.fail(
                    "the adapter is not readable: add a fixture `messages` that gives a coroutine function without "
                    "parameters, which gives all messages that lie on the topic"
                )
            return Topic(adapter.shared(), lambda: read_back(settings))
        return Topic(adapter.shared(), messages)

    @pytest.fixture
    def absent_settings(self, request: pytest.FixtureRequest) -> EventsSettings:
        """What `out_of_reach` is, which whoever uses this gives."""
        try:
            settings: EventsSettings = request.getfixturevalue("out_of_reach")
        except pytest.FixtureLookupError:
            pytest.fail(
                "every topic may be away: give `out_of_reach`, settings for one that takes nothing"
            )
        return settings

    @pytest.fixture
    def absent(
        self, adapter: EventsAdapter, absent_settings: EventsSettings
    ) -> Iterator[Publisher]:
        """A publisher to a topic that takes nothing."""
        with adapter.held_open(absent_settings.open()) as publisher:
            yield publisher
