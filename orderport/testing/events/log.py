"""The port `EventLog`: the topic, read back."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest

from orderport import (
    EventLog,
    EventsSettings,
    EventsUnavailable,
    Feature,
    Message,
    OrderEvent,
    is_readable,
)
from orderport.testing.events.checks import EventsAdapter, EventsChecks
from orderport.testing.events.topic import Sent, Topic
from orderport.testing.examples import a_change, an_event, an_order
from orderport.testing.promises import promise

ANSWER_SECONDS = 15.0
CLOCKS_APART_SECONDS = 3_600
"""By how much a broker's clock may differ from this machine's."""


async def all_before(log: EventLog, ends: dict[int, int]) -> list[Message]:
    """Give what `read` gives, one after the other."""
    return [message async for some in log.read(ends) for message in some]


def sent_of(messages: Sequence[Message], *events: OrderEvent) -> list[Sent]:
    """Give the messages of these events' orders."""
    keys = {event.order_id.encode() for event in events}
    return [
        Sent(message.key, list(message.headers), message.value)
        for message in messages
        if message.key in keys
    ]


class EventLogChecks(EventsChecks):
    """The port `EventLog`, where events can be read back."""

    @pytest.fixture
    def log(self, adapter: EventsAdapter, settings: EventsSettings) -> Iterator[EventLog]:
        """The topic, open for reading."""
        if not is_readable(settings):
            pytest.skip("the adapter is not readable")
        with adapter.held_open(settings.open_log()) as log:
            yield log

    @promise(
        "Of events: the topic can be read back...",
        "A publisher that can be opened, to a topic that can be read back.",
        "Give all messages from the first that is left to those before `ends`...",
        "Open the topic for reading, and close it on leaving.",
        needs=Feature.READABLE,
    )
    async def test_what_was_published_can_be_read_back(self, topic: Topic, log: EventLog) -> None:
        events = [an_event(str(number)) for number in range(50)]
        await topic.publisher.publish(events)
        found = await all_before(log, dict(await log.ends()))
        assert sorted(sent_of(found, *events)) == sorted(map(Sent.of, events))

    @promise(
        "Give for each partition the offset behind its last message, as of now.",
        "Give all messages ... before `ends`...",
        needs=Feature.READABLE,
    )
    async def test_nothing_is_read_from_the_ends_on(self, topic: Topic, log: EventLog) -> None:
        early, late = an_event(), an_event()
        await topic.publisher.publish([early])
        ends = dict(await log.ends())
        await topic.publisher.publish([late])
        found = await all_before(log, ends)
        assert sent_of(found, early, late) == [Sent.of(early)]
        assert [one for one in found if one.offset >= ends[one.partition]] == []
        later = await log.ends()
        assert sum(later.values()) == sum(ends.values()) + 1
        assert later.keys() == ends.keys()

    @promise(
        "Give all messages ... each partition's in order.",
        "Offsets count up within a partition, one by one, unless messages have been removed.",
        needs=Feature.READABLE,
    )
    async def test_offsets_count_up_within_a_partition(self, topic: Topic, log: EventLog) -> None:
        order = an_order()
        events = [OrderEvent(order.id, version, a_change(order)) for version in range(1, 10)]
        for event in events:
            await topic.publisher.publish([event, an_event()])
        ends = dict(await log.ends())
        found = await all_before(log, ends)
        assert sent_of(found, *events) == [Sent.of(event) for event in events]
        offsets: dict[int, list[int]] = defaultdict(list)
        for message in found:
            offsets[message.partition].append(message.offset)
        for partition, seen in offsets.items():
            assert seen == list(range(seen[0], ends[partition]))

    @promise("Reads the topic and leaves no trace there.", needs=Feature.READABLE)
    async def test_reading_changes_nothing(
        self, topic: Topic, log: EventLog, settings: EventsSettings
    ) -> None:
        await topic.publisher.publish([an_event()])
        ends = dict(await log.ends())
        found = await all_before(log, ends)
        assert is_readable(settings)
        async with settings.open_log() as another:
            assert await another.ends() == ends
            again = await all_before(another, ends)
        assert sorted(again, key=repr) == sorted(found, key=repr)

    @promise(
        "What lies on the topic, whoever put it there; `sent` is in milliseconds since 1970.",
        needs=Feature.READABLE,
    )
    async def test_messages_tell_when_they_were_sent(self, topic: Topic, log: EventLog) -> None:
        event = an_event()
        await topic.publisher.publish([event])
        found = await all_before(log, dict(await log.ends()))
        (message,) = [one for one in found if one.key == event.order_id.encode()]
        assert abs(message.sent / 1000 - time.time()) < CLOCKS_APART_SECONDS

    @promise(
        "Every method may raise `EventsUnavailable`.",
        "Raises `EventsUnavailable`.",
        needs=Feature.READABLE,
    )
    async def test_a_topic_out_of_reach_cannot_be_read(
        self, absent_settings: EventsSettings
    ) -> None:
        assert is_readable(absent_settings)
        began = time.monotonic()
        with pytest.raises(EventsUnavailable):
            async with absent_settings.open_log() as log:
                await all_before(log, dict(await log.ends()))
        assert time.monotonic() - began < ANSWER_SECONDS
