"""Rule 9: what the broker refuses for good is set aside and stands in nobody's way."""

import logging

import pytest

from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.events import Outcome
from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, REFUSED, ScriptedPublisher
from tests.doubles.world import Process, World


def refusing(publisher: ScriptedPublisher, order: Id, version: int = 1) -> None:
    def outcome(event: OrderEvent) -> Outcome:
        return REFUSED if (event.order_id, event.version) == (order, version) else ACKNOWLEDGED

    publisher.outcome = outcome
    publisher.reason = "too large"


async def test_a_refused_event_is_sent_alone_three_more_times_and_then_set_aside(
    me: Process, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await me.create(), await me.create()
    refusing(world.publisher, bad)
    with caplog.at_level(logging.ERROR):
        await settled()
    sent = [[event.order_id for event in events] for events in world.publisher.sent]
    assert sent == [[bad, good], [bad], [bad], [bad]]
    assert me.outbox.calls.count("fail") == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"event 1 of order {bad} is refused for good and set aside: too large"
    ]
    me.relay.start()
    await world.clock.run(60.0)
    assert len(world.publisher.sent) == 4
    assert world.publisher.delivered(good) == [1]


async def test_it_is_set_aside_only_once_what_is_delivered_before_it_is_marked(
    me: Process, world: World
) -> None:
    me.outbox.slow.add("mark")
    order = await me.create()
    await me.update(order)
    refusing(world.publisher, order, version=2)
    await settled()
    assert me.outbox.calls == ["mark"]
    me.outbox.let_go("mark")
    await settled()
    assert [failed.order_id async for failed in world.storage.backlog.failed()] == [order]


async def test_others_that_come_meanwhile_do_not_travel_with_it(
    me: Process, publisher: ScriptedPublisher
) -> None:
    bad = await me.create()
    refusing(publisher, bad)
    await settled(4)
    for _ in range(8):
        await me.create()
        await settled(2)
    await settled()
    travels = [
        [event.order_id for event in events]
        for events in publisher.sent
        if bad in {event.order_id for event in events}
    ]
    assert travels == [[bad]] * 4
    assert len(publisher.topic) == 8


async def test_ready_orders_are_taken_up_to_a_refused_one(
    me: Process, publisher: ScriptedPublisher
) -> None:
    publisher.holding = True
    bad = await me.create()
    await settled()
    refusing(publisher, bad)
    for _ in range(3):
        await me.create()
        await settled()
    first, *others = publisher.flights
    ahead = await me.create()
    first.land()
    for flight in others:
        flight.land()
    publisher.holding = False
    await settled()
    assert [event.order_id for event in publisher.sent[4]] == [ahead]
    assert [event.order_id for event in publisher.sent[5]] == [bad]


async def test_one_that_is_taken_after_all_counts_as_delivered(me: Process, world: World) -> None:
    order = await me.create()
    refusing(world.publisher, order)
    world.publisher.holding = True
    for _ in range(3):
        await settled()
        world.publisher.flights[0].land()
    await settled()
    world.publisher.flights[0].land(ACKNOWLEDGED)
    await settled()
    assert world.publisher.delivered(order) == [1]
    assert "fail" not in me.outbox.calls


async def test_the_next_version_of_one_that_was_taken_after_all_begins_anew(
    me: Process, publisher: ScriptedPublisher
) -> None:
    order = await me.create()
    await me.update(order)
    publisher.outcome = lambda _: REFUSED
    publisher.holding = True
    await settled()
    for outcome in (REFUSED, REFUSED, REFUSED, ACKNOWLEDGED, REFUSED, REFUSED, REFUSED, REFUSED):
        publisher.flights[0].land(outcome)
        await settled()
    assert publisher.versions_sent == [[1]] * 4 + [[2]] * 4
    assert me.outbox.calls.count("fail") == 1


async def test_later_versions_wait_behind_it(me: Process, world: World) -> None:
    order = await me.create()
    await me.update(order)
    refusing(world.publisher, order)
    await settled()
    await me.update(order)
    me.relay.start()
    await world.clock.run(60.0)
    assert world.publisher.delivered(order) == []
    await world.storage.outbox.mark({order: 1})  # as an operator's tool does
    await world.clock.run(2.0)
    assert world.publisher.delivered(order) == [2, 3]


async def test_refusals_that_take_long_are_counted_across_renewals_of_the_lease(
    me: Process, world: World
) -> None:
    order = await me.create()
    refusing(world.publisher, order)
    world.publisher.holding = True
    for _ in range(4):
        await settled()
        world.clock.advance(3.0)
        world.publisher.flights[0].land()
    await settled()
    assert me.outbox.calls == ["claim", "fail"]
    assert world.publisher.flights == []


async def test_nothing_is_set_aside_where_another_process_has_the_lease(
    me: Process, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    order = await me.create()
    refusing(world.publisher, order)
    world.publisher.holding = True
    for _ in range(3):
        await settled()
        world.publisher.flights[0].land()
    await settled()
    world.clock.advance(11.0)
    await world.process("other").outbox.claim("other", world.clock.now(), [order])
    with caplog.at_level(logging.ERROR):
        world.publisher.flights[0].land()
        await settled()
    assert caplog.records == []
    assert await world.waiting() == {order: [1]}
    assert world.publisher.flights == []


async def test_a_refusal_of_what_was_delivered_from_elsewhere_counts_for_nothing(
    me: Process, publisher: ScriptedPublisher
) -> None:
    publisher.holding = True
    order = await me.create()
    await settled()
    await me.outbox.mark({order: 1})
    await me.update(order)
    publisher.flights[0].land(REFUSED)
    publisher.outcome = lambda _: REFUSED
    await settled()
    for _ in range(4):
        assert publisher.flights[0].events[0].version == 2
        publisher.flights[0].land()
        await settled()
    assert publisher.flights == []
    assert me.outbox.calls.count("fail") == 1


async def test_where_storage_is_away_it_is_set_aside_later(me: Process, world: World) -> None:
    order = await me.create()
    refusing(world.publisher, order)
    me.outbox.cut("fail")
    await settled()
    assert await world.storage.outbox.claim("me", world.clock.now(), [order])
    me.outbox.mend()
    me.relay.start()
    await world.clock.run(11.0)
    assert await world.waiting() == {}
    assert me.outbox.calls.count("fail") == 2
