"""While the broker is away one order is sent to try it, and everything goes out once it is back."""

import logging

import pytest

from core.domain.ids import Id
from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, REFUSED, UNKNOWN, ScriptedPublisher
from tests.doubles.world import Process, World


def away(publisher: ScriptedPublisher) -> None:
    publisher.outcome = lambda _: UNKNOWN


def back(publisher: ScriptedPublisher) -> None:
    publisher.outcome = lambda _: ACKNOWLEDGED


def reason(process: Process) -> str | None:
    return process.relay.away


async def outage(world: World, orders: int) -> tuple[Process, list[Id]]:
    """Make a scanning process that meets an absent broker with so many orders under way."""
    away(world.publisher)
    me = world.running()
    created = [await me.create() for _ in range(orders)]
    await settled()
    return me, created


async def test_a_batch_without_any_answer_shows_that_the_broker_is_away(world: World) -> None:
    world.publisher.reason = "no leader"
    me, _ = await outage(world, 3)
    assert reason(me) == "no leader"


async def test_a_batch_with_one_answer_shows_that_it_is_there(world: World) -> None:
    me = world.process()
    sick = await me.create()
    world.publisher.outcome = lambda event: UNKNOWN if event.order_id == sick else ACKNOWLEDGED
    await me.create()
    await settled()
    assert reason(me) is None


async def test_so_does_an_answer_to_another_batch_meanwhile(world: World) -> None:
    me = world.process()
    world.publisher.holding = True
    for _ in range(2):
        await me.create()
        await settled()
    one, other = world.publisher.flights
    other.land(REFUSED)
    await settled()
    one.land(UNKNOWN)
    await settled()
    assert reason(me) is None


async def test_offers_are_dropped_meanwhile_and_delivered_after(world: World) -> None:
    me, orders = await outage(world, 1)
    orders += [await me.create() for _ in range(5)]
    assert await me.update(orders[0]) == 2
    await settled()
    assert world.publisher.versions_sent == [[1]]
    back(world.publisher)
    await world.clock.run(20.0)
    assert {order: world.publisher.delivered(order) for order in orders} == {
        order: [1, 2] if order == orders[0] else [1] for order in orders
    }


async def test_one_order_alone_is_tried_meanwhile(world: World) -> None:
    await outage(world, 7)
    tried = len(world.publisher.sent)
    await world.clock.run(120.0)
    assert len(world.publisher.sent) > tried + 10
    assert {len(events) for events in world.publisher.sent[tried:]} == {1}


async def test_another_order_is_tried_each_time_if_there_is_one(world: World) -> None:
    _, orders = await outage(world, 2)
    await world.clock.run(60.0)
    tries = [events[0].order_id for events in world.publisher.sent[-6:]]
    assert set(tries) == set(orders)


async def test_the_same_order_is_tried_where_there_is_no_other(world: World) -> None:
    _, (order,) = await outage(world, 1)
    await world.clock.run(60.0)
    assert {event.order_id for events in world.publisher.sent for event in events} == {order}
    back(world.publisher)
    await world.clock.run(5.0)
    assert world.publisher.delivered(order) == [1]


async def test_it_is_tried_ever_more_slowly_up_to_every_5_seconds(world: World) -> None:
    await outage(world, 1)
    await world.clock.run(world.clock.sleeping[0])
    pauses = []
    for _ in range(6):
        (pause,) = world.clock.sleeping
        pauses.append(pause)
        await world.clock.run(pause)
    assert pauses == [0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


async def test_chance_shortens_the_pauses_by_up_to_a_half(world: World) -> None:
    away(world.publisher)
    me = world.process(chance=1.0)
    me.relay.start()
    await me.create()
    await world.clock.run(1.2)
    assert world.clock.sleeping == [0.2]


async def test_its_going_and_its_coming_are_told_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await outage(world, 5)
        await world.clock.run(60.0)
        back(world.publisher)
        await world.clock.run(60.0)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "events wait: no broker answers"),
        ("INFO", "events flow again"),
    ]


async def test_everything_is_delivered_in_order_after_an_outage(world: World) -> None:
    me, orders = await outage(world, 20)
    for order in orders:
        await me.update(order)
    await world.clock.run(30.0)
    late = await me.create()
    back(world.publisher)
    await world.clock.run(20.0)
    assert all(world.publisher.delivered(order) == [1, 2] for order in orders)
    assert world.publisher.delivered(late) == [1]
    assert await world.waiting() == {}


async def test_leftovers_are_found_after_an_outage_although_fresh_events_never_pause(
    world: World,
) -> None:
    me, orders = await outage(world, 5)
    await world.clock.run(10.0)
    back(world.publisher)
    world.publisher.holding = True
    await world.clock.run(5.0)
    for _ in range(30):  # from here on something is always under way
        await me.create()
        await world.clock.run(0.5)
        await me.create()
        await world.clock.run(0.5)
        world.publisher.flights[0].land()
    assert all(world.publisher.delivered(order) == [1] for order in orders)


async def test_flights_that_end_without_an_answer_one_after_the_other_keep_one_order(
    world: World,
) -> None:
    me = world.process()
    world.publisher.holding = True
    for _ in range(4):
        await me.create()
        await settled()
    flights = list(world.publisher.flights)
    for flight in flights:
        flight.land(UNKNOWN)
        await settled()
    world.publisher.holding = False
    me.relay.start()
    await world.clock.run(5.0)
    assert [len(events) for events in world.publisher.sent[4:]] == [1]


async def test_an_answer_that_a_flight_from_before_brings_ends_the_outage(world: World) -> None:
    me = world.process()
    world.publisher.holding = True
    for _ in range(2):
        await me.create()
        await settled()
    one, other = world.publisher.flights
    one.land(UNKNOWN)
    await settled()
    assert reason(me) == "no broker answers"
    world.publisher.holding = False
    other.land(ACKNOWLEDGED)
    await settled()
    assert reason(me) is None
    assert len(world.publisher.topic) == 2


async def test_old_leases_are_not_renewed_together_while_it_is_away(world: World) -> None:
    me = world.process()
    world.publisher.holding = True
    for _ in range(4):
        await me.create()
        await settled()
    old = [await me.create() for _ in range(10)]
    world.clock.advance(4.0)
    await me.create()
    for flight in list(world.publisher.flights):
        flight.land(ACKNOWLEDGED)
    await settled()
    (young,) = world.publisher.flights
    young.land(UNKNOWN)
    await settled()
    assert "claim" not in me.outbox.calls
    assert world.publisher.flights == []
    assert set(await world.waiting()) >= set(old)


async def test_a_fresh_event_tries_the_broker_where_nothing_else_is_left_to_try(
    world: World,
) -> None:
    me, (order,) = await outage(world, 1)
    await me.outbox.mark({order: 1})  # as another process does that has delivered it
    await world.clock.run(10.0)
    assert reason(me) == "no broker answers"
    back(world.publisher)
    fresh = await me.create()
    await settled()
    assert world.publisher.delivered(fresh) == [1]
    assert reason(me) is None


async def test_an_order_whose_lease_ran_out_while_it_waited_to_be_tried_is_tried_once(
    world: World,
) -> None:
    me, (order,) = await outage(world, 1)
    me.outbox.cut("claim_due")
    world.clock.advance(11.0)
    await settled()
    me.outbox.mend()
    back(world.publisher)
    await world.clock.run(5.0)
    assert world.publisher.delivered(order) == [1]
