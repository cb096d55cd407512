"""The port `Publisher`."""

import asyncio
import time

import pytest

from orderport import EventsUnavailable, OrderEvent, Outcome, Publisher, Receipt
from orderport.testing.events.checks import EventsAdapter, EventsChecks
from orderport.testing.events.topic import Sent, Topic
from orderport.testing.examples import (
    MILLISECOND,
    NOON,
    a_change,
    an_event,
    an_order,
)
from orderport.testing.judgements import assert_tells_why, names_a_host
from orderport.testing.promises import promise

TAKEN = Receipt(Outcome.ACKNOWLEDGED)
ANSWER_SECONDS = 4.0
LATE_SECONDS = 0.5
"""By how much this machine may be late."""


class PublisherChecks(EventsChecks):
    """The port `Publisher`."""

    @pytest.mark.parametrize("status", ["new", "é€😀", '"quoted" \\ \u2028'])
    @promise(
        "What the core needs to tell the world of changes.",
        "Sends events to the topic, an order's id as key, the change's value and the event's headers as they are.",
    )
    async def test_an_event_is_on_the_topic_as_it_is(self, topic: Topic, status: str) -> None:
        event = an_event(status)
        assert list(await topic.publisher.publish([event])) == [TAKEN]
        assert await topic.of(event.order_id) == [Sent.of(event)]

    @promise("Sends ... the event's headers as they are.")
    async def test_an_event_without_a_trace_has_no_header_for_it(self, topic: Topic) -> None:
        order = an_order()
        event = OrderEvent(order.id, 7, a_change(order, NOON + MILLISECOND))
        await topic.publisher.publish([event])
        (sent,) = await topic.of(order.id)
        assert len(sent.headers) == 9
        assert dict(sent.headers)["ce_time"] == b"2026-01-01T12:00:00.001Z"

    @promise(
        "Send `events`, at most one of each order, and give a receipt for each, in their order.",
        "How a send ended.",
        "What came of one event...",
    )
    async def test_every_event_has_its_receipt(self, topic: Topic) -> None:
        events = [an_event(str(number)) for number in range(300)]
        assert list(await topic.publisher.publish(events)) == [TAKEN] * 300
        sent = await topic.of(*(event.order_id for event in events))
        assert sorted(sent) == sorted(map(Sent.of, events))

    @promise("It is on the topic and stays there.")
    async def test_versions_that_are_sent_one_after_the_other_stay_in_order(
        self, topic: Topic
    ) -> None:
        order = an_order()
        events = [
            OrderEvent(order.id, version, a_change(order, NOON + version * MILLISECOND))
            for version in range(1, 30)
        ]
        for event in events:
            assert list(await topic.publisher.publish([event])) == [TAKEN]
        assert await topic.of(order.id) == [Sent.of(event) for event in events]

    @promise("To be sent again, the same bytes.")
    async def test_an_event_that_is_sent_again_is_the_same_bytes(self, topic: Topic) -> None:
        event = an_event()
        for _ in range(2):
            assert list(await topic.publisher.publish([event])) == [TAKEN]
        assert await topic.of(event.order_id) == [Sent.of(event)] * 2

    @promise("Calls may overlap.")
    async def test_calls_may_overlap(self, topic: Topic) -> None:
        batches = [[an_event() for _ in range(5)] for _ in range(20)]
        receipts = await asyncio.gather(*(topic.publisher.publish(batch) for batch in batches))
        assert [list(some) for some in receipts] == [[TAKEN] * 5] * 20
        events = [event for batch in batches for event in batch]
        sent = await topic.of(*(event.order_id for event in events))
        assert sorted(sent) == sorted(map(Sent.of, events))

    @promise(
        "Of events that go together all may be refused for the fault of one; alone, only that one is.",
        "It can never be taken as it is: too large, or no valid record.",
    )
    async def test_alone_no_event_is_refused_for_the_fault_of_another(self, topic: Topic) -> None:
        good, huge = an_event(), an_event(items=20_000)
        first, other = await topic.publisher.publish([good, huge])
        assert Outcome.UNKNOWN not in (first.outcome, other.outcome)
        (alone,) = await topic.publisher.publish([huge])
        assert alone.outcome is other.outcome
        taken = alone.outcome is Outcome.ACKNOWLEDGED
        assert (Sent.of(huge) in await topic.of(huge.order_id)) is taken
        assert list(await topic.publisher.publish([good])) == [TAKEN]
        sent = await topic.of(good.order_id)
        assert sent
        assert [one for one in sent if one != Sent.of(good)] == []

    @promise(
        "No answer: it may be on the topic or not, now or later.",
        "What came of one event; `reason` is for operators, empty when acknowledged.",
    )
    async def test_a_receipt_gives_a_reason_where_the_event_was_not_taken(
        self, absent: Publisher
    ) -> None:
        (receipt,) = await absent.publish([an_event()])
        assert receipt.outcome is Outcome.UNKNOWN
        assert receipt.reason
        assert not names_a_host(receipt.reason)

    @promise(
        "Every event has its receipt within 4 s, whatever the broker does, and no error is raised for one."
    )
    async def test_receipts_come_in_time_whatever_the_broker_does(self, absent: Publisher) -> None:
        began = time.monotonic()
        answers = await asyncio.gather(
            *(absent.publish([an_event() for _ in range(3)]) for _ in range(4))
        )
        assert time.monotonic() - began < ANSWER_SECONDS + LATE_SECONDS
        outcomes = [[receipt.outcome for receipt in receipts] for receipts in answers]
        assert outcomes == [[Outcome.UNKNOWN] * 3] * 4

    @promise("Raise `EventsUnavailable` where nothing can be published now.")
    async def test_the_check_says_nothing_where_events_can_be_published(self, topic: Topic) -> None:
        await topic.publisher.publish([an_event()])
        await topic.publisher.check()

    @promise("Raise `EventsUnavailable` where nothing can be published now.")
    def test_the_check_says_nothing_while_events_are_on_their_way(
        self, adapter: EventsAdapter
    ) -> None:
        async def publish_and_check(publisher: Publisher) -> None:
            for _ in range(2):
                publishing = asyncio.create_task(publisher.publish([an_event()]))
                await asyncio.sleep(0)
                await publisher.check()
                assert list(await publishing) == [TAKEN]

        with adapter.opened() as publisher:
            adapter.run(publish_and_check(publisher))

    @promise("Raise `EventsUnavailable` where nothing can be published now.")
    async def test_the_check_says_why_nothing_can_be_published(self, absent: Publisher) -> None:
        await absent.publish([an_event()])
        with pytest.raises(EventsUnavailable) as error:
            await absent.check()
        assert_tells_why(error.value)
