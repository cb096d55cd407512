"""The port `Publisher`."""

import asyncio
import time

import pytest

from core.domain.errors import EventsUnavailable
from core.domain.events import OrderEvent
from core.ports.events import Outcome, Receipt
from tests.contract.ports.examples import MILLISECOND, NOON, a_change, an_event, an_order
from tests.contract.ports.topic import Sent, Topic

TAKEN = Receipt(Outcome.ACKNOWLEDGED)
ANSWER_SECONDS = 4.0


@pytest.mark.parametrize("status", ["new", "é€😀", '"quoted" \\ \u2028'])
async def test_an_event_is_on_the_topic_as_it_is(topic: Topic, status: str) -> None:
    """Sends events to the topic, an order's id as key, the change's value and the event's headers as they are."""
    event = an_event(status)
    assert await topic.publisher.publish([event]) == [TAKEN]
    assert await topic.of(event.order_id) == [
        Sent(event.order_id, event.headers(), event.change.value)
    ]


async def test_an_event_without_a_trace_has_no_header_for_it(topic: Topic) -> None:
    """Sends the event's headers as they are."""
    order = an_order()
    event = OrderEvent(order.id, 7, a_change(order, NOON + MILLISECOND))
    await topic.publisher.publish([event])
    (sent,) = await topic.of(order.id)
    assert len(sent.headers) == 9
    assert dict(sent.headers)["ce_time"] == "2026-01-01T12:00:00.001Z"


async def test_every_event_has_its_receipt(topic: Topic) -> None:
    """Send `events`, at most one of each order, and give a receipt for each, in their order."""
    events = [an_event(str(number)) for number in range(300)]
    assert list(await topic.publisher.publish(events)) == [TAKEN] * 300
    sent = await topic.of(*(event.order_id for event in events))
    assert sorted(sent, key=repr) == sorted(map(Sent.of, events), key=repr)


async def test_versions_that_are_sent_one_after_the_other_stay_in_order(topic: Topic) -> None:
    """It is on the topic and stays there."""
    order = an_order()
    events = [
        OrderEvent(order.id, version, a_change(order, NOON + version * MILLISECOND))
        for version in range(1, 30)
    ]
    for event in events:
        assert await topic.publisher.publish([event]) == [TAKEN]
    assert await topic.of(order.id) == [Sent.of(event) for event in events]


async def test_an_event_that_is_sent_again_is_the_same_bytes(topic: Topic) -> None:
    """To be sent again, the same bytes."""
    event = an_event()
    for _ in range(2):
        assert await topic.publisher.publish([event]) == [TAKEN]
    assert await topic.of(event.order_id) == [Sent.of(event)] * 2


async def test_calls_may_overlap(topic: Topic) -> None:
    """Calls may overlap."""
    batches = [[an_event() for _ in range(5)] for _ in range(20)]
    receipts = await asyncio.gather(*(topic.publisher.publish(batch) for batch in batches))
    assert [list(some) for some in receipts] == [[TAKEN] * 5] * 20
    events = [event for batch in batches for event in batch]
    assert len(await topic.of(*(event.order_id for event in events))) == 100


async def test_alone_no_event_is_refused_for_the_fault_of_another(topic: Topic) -> None:
    """Of events that go together all may be refused for the fault of one; alone, only that one is."""
    good, huge = an_event(), an_event(items=20_000)
    first, other = await topic.publisher.publish([good, huge])
    assert Outcome.UNKNOWN not in (first.outcome, other.outcome)
    (alone,) = await topic.publisher.publish([huge])
    assert alone.outcome is other.outcome
    assert await topic.publisher.publish([good]) == [TAKEN]
    assert set(map(repr, await topic.of(good.order_id))) == {repr(Sent.of(good))}


async def test_a_receipt_gives_a_reason_where_the_event_was_not_taken(
    topic_out_of_reach: Topic,
) -> None:
    """`reason` is for operators, empty when acknowledged."""
    (receipt,) = await topic_out_of_reach.publisher.publish([an_event()])
    assert receipt.outcome is Outcome.UNKNOWN
    assert receipt.reason
    assert "127.0.0.1" not in receipt.reason


async def test_receipts_come_in_time_whatever_the_broker_does(topic_out_of_reach: Topic) -> None:
    """Every event has its receipt within 4 s, whatever the broker does, and no error is raised for one."""
    began = time.monotonic()
    answers = await asyncio.gather(
        *(topic_out_of_reach.publisher.publish([an_event() for _ in range(3)]) for _ in range(4))
    )
    assert time.monotonic() - began < ANSWER_SECONDS + 0.5
    assert [[receipt.outcome for receipt in receipts] for receipts in answers] == [
        [Outcome.UNKNOWN] * 3
    ] * 4


async def test_the_check_says_nothing_where_events_can_be_published(topic: Topic) -> None:
    """Raise `EventsUnavailable` where nothing can be published now: here it can be."""
    await topic.publisher.publish([an_event()])
    await topic.publisher.check()


async def test_the_check_says_why_nothing_can_be_published(topic_out_of_reach: Topic) -> None:
    """Raise `EventsUnavailable` where nothing can be published now."""
    await topic_out_of_reach.publisher.publish([an_event()])
    with pytest.raises(EventsUnavailable) as error:
        await topic_out_of_reach.publisher.check()
    assert str(error.value)
    assert "127.0.0.1" not in str(error.value)
