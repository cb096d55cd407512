"""What is held in memory is bounded; what finds no room is found by the scan."""

import pytest

from core.use_cases import relay
from core.use_cases.relay import MOST_HELD_BYTES, flights
from core.use_cases.relay.flights import BATCH_ORDERS
from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, UNKNOWN
from tests.doubles.world import World

MEBIBYTE = b"x" * 1_048_576


async def test_an_event_that_finds_no_room_is_dropped_and_found_later(world: World) -> None:
    me = world.running()
    await settled()
    world.publisher.holding = True
    orders = [await me.create(MEBIBYTE) for _ in range(MOST_HELD_BYTES // len(MEBIBYTE) + 1)]
    await settled()
    world.publisher.flights[0].land()
    world.publisher.holding = False
    await settled()
    assert [world.publisher.delivered(order) for order in orders] == [[1]] * 16 + [[]]
    await world.clock.run(11.0)
    assert world.publisher.delivered(orders[-1]) == [1]


async def test_so_is_a_version_behind_another_and_what_comes_after_it(world: World) -> None:
    me = world.process()
    world.publisher.holding = True
    await me.create(MEBIBYTE * 15)
    order = await me.create(MEBIBYTE[1:])
    for value in (b"xx", b"x"):
        await me.update(order, value)
    await settled()
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2, 3]
    assert me.outbox.calls == ["mark", "claim", "mark"]


async def test_a_delivered_event_makes_room(world: World) -> None:
    me = world.process()
    for _ in range(40):
        await me.create(MEBIBYTE)
        await settled()
    assert len(world.publisher.topic) == 40


async def test_of_claims_that_find_no_room_the_first_event_of_each_order_is_held(
    world: World,
) -> None:
    crashed = world.process("crashed")
    orders = [await crashed.create(MEBIBYTE, offered=False) for _ in range(20)]
    for order in orders:
        await crashed.update(order, MEBIBYTE)
    world.clock.advance(11.0)
    me = world.running()
    await settled(200)
    assert all(world.publisher.delivered(order) == [1, 2] for order in orders)
    assert me.outbox.calls.count("claim") == 1


async def test_a_scan_goes_on_only_when_half_of_the_room_is_free(world: World) -> None:
    crashed = world.process("crashed")
    for _ in range(200):
        await crashed.create(MEBIBYTE[:90_000], offered=False)
    world.clock.advance(11.0)
    world.publisher.holding = True
    me = world.running()
    await settled()
    assert me.outbox.calls == ["claim_due"]
    world.publisher.flights[0].land()
    await settled()
    assert me.outbox.calls == ["claim_due", "mark", "claim_due"]


async def test_a_scan_goes_on_only_when_no_more_than_a_batch_is_held(world: World) -> None:
    crashed = world.process("crashed")
    for _ in range(BATCH_ORDERS + 200):
        await crashed.create(offered=False)
    world.clock.advance(11.0)
    world.publisher.holding = True
    me = world.running()
    await settled()
    assert me.outbox.calls == ["claim_due"] * 6
    for flight in list(world.publisher.flights):
        flight.land()
    await settled()
    assert me.outbox.calls.count("claim_due") == 8
    assert len(await world.waiting()) == BATCH_ORDERS + 200 - len(world.publisher.topic)


async def test_what_cannot_go_now_leaves_room_for_what_can(world: World) -> None:
    crashed, me = world.process("crashed"), world.process()
    leftovers = [await crashed.create(offered=False) for _ in range(101)]
    world.clock.advance(11.0)
    world.publisher.holding = True
    for _ in range(BATCH_ORDERS):
        await me.create()
    await settled()
    for _ in range(BATCH_ORDERS):
        await me.create()
    await settled()
    one, other = world.publisher.flights
    other.land(*[UNKNOWN] * (BATCH_ORDERS - 1), ACKNOWLEDGED)
    await settled()
    one.land(UNKNOWN)
    await settled()
    world.publisher.holding = False
    me.relay.start()
    await world.clock.run(0.1)
    assert all(world.publisher.delivered(order) == [1] for order in leftovers)


async def test_nothing_more_is_sent_while_so_many_marks_are_to_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flights, "MOST_UNMARKED_ORDERS", 3)
    me = world.process()
    me.outbox.cut("mark")
    orders = []
    for _ in range(5):
        orders.append(await me.create())
        await settled()
    assert [len(world.publisher.delivered(order)) for order in orders] == [1, 1, 1, 0, 0]
    me.outbox.mend()
    me.relay.start()
    await settled()
    assert [len(world.publisher.delivered(order)) for order in orders] == [1, 1, 1, 1, 1]
    assert await world.waiting() == {}


async def test_orders_whose_mark_failed_do_not_keep_the_scan_from_going_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH_ORDERS", 2)
    crashed, me = world.process("crashed"), world.process()
    for _ in range(3):
        await crashed.create(offered=False)
    world.clock.advance(11.0)
    me.outbox.cut("mark")
    me.relay.start()
    await settled()
    assert len(world.publisher.topic) == 3
    me.outbox.mend()
    await world.clock.run(2.0)
    assert await world.waiting() == {}
    assert len(world.publisher.topic) == 3
