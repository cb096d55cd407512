"""The settings of a publisher."""

import asyncio
import time

from orderport import EventsSettings, Feature
from orderport.testing.adapter import left_running
from orderport.testing.events.checks import EventsAdapter, EventsChecks
from orderport.testing.events.publishing import LATE_SECONDS, TAKEN
from orderport.testing.events.topic import Sent, Topic
from orderport.testing.examples import an_event
from orderport.testing.judgements import assert_declared, assert_read_from_environment
from orderport.testing.promises import promise

OPENING_SECONDS = 1.0
CLOSING_SECONDS = 4.0


class EventsSettingsChecks(EventsChecks):
    """What opens a publisher."""

    @promise(
        "The PORTS_VERSION that the adapter was made for, as a number of its own.",
        "What it can do: READABLE.",
        "What an adapter can do beyond what each has to: it declares all that it can and nothing that it cannot.",
    )
    def test_the_settings_say_what_the_adapter_can_do(self, settings: EventsSettings) -> None:
        assert_declared(settings, frozenset({Feature.READABLE}))

    @promise("Of events: ... without it, the settings have no `open_log`.", lacks=Feature.READABLE)
    def test_what_is_not_readable_has_no_log(self, settings: EventsSettings) -> None:
        assert not hasattr(settings, "open_log")

    @promise(
        "Read the settings and open nothing.",
        "Raises `WrongSettings` with all that is wrong.",
    )
    def test_the_settings_are_read_from_the_environment(self, settings: EventsSettings) -> None:
        assert_read_from_environment(settings)

    @promise(
        "A publisher that can be opened.",
        "Open it ... and close it on leaving...",
        "It is on the topic and stays there.",
    )
    def test_what_was_published_stays_when_the_publisher_is_closed(
        self, topic: Topic, adapter: EventsAdapter
    ) -> None:
        event = an_event()
        with adapter.opened() as publisher:
            assert list(adapter.run(publisher.publish([event]))) == [TAKEN]
        assert adapter.run(topic.of(event.order_id)) == [Sent.of(event)]

    @promise("Open it ... and close it on leaving, within 4 s whatever the broker does.")
    def test_nothing_is_left_running_when_it_is_closed(
        self, adapter: EventsAdapter, absent_settings: EventsSettings
    ) -> None:
        assert (
            left_running(absent_settings, lambda publisher: publisher.publish([an_event()])) == []
        )

    @promise(
        "Open it, without waiting for the broker, and close it on leaving, within 4 s whatever the broker does."
    )
    async def test_it_is_opened_and_closed_in_time_whatever_the_broker_does(
        self, absent_settings: EventsSettings
    ) -> None:
        began = time.monotonic()
        async with absent_settings.open() as publisher:
            opened = time.monotonic()
            publishing = asyncio.create_task(publisher.publish([an_event()]))
            await asyncio.sleep(0)
            leaving = time.monotonic()
        closed = time.monotonic()
        await publishing
        assert opened - began < OPENING_SECONDS
        assert closed - leaving < CLOSING_SECONDS + LATE_SECONDS
