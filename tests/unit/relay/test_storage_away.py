"""Storage that is away costs delay and, at most, repeats; never an event."""

import logging

import pytest

from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, UNKNOWN
from tests.doubles.world import World


@pytest.mark.parametrize("cut", ["cut", "cut_answers"])
async def test_a_mark_that_fails_is_told_later_and_nothing_is_sent_again(
    world: World, cut: str
) -> None:
    me = world.running()
    getattr(me.outbox, cut)("mark")
    order = await me.create()
    await world.clock.run(30.0)
    assert world.publisher.delivered(order) == [1]
    me.outbox.mend()
    await world.clock.run(2.0)
    assert await world.waiting() == {}
    assert world.publisher.delivered(order) == [1]


async def test_what_waits_behind_it_follows_as_soon_as_the_mark_is_told(world: World) -> None:
    me = world.running()
    me.outbox.cut("mark")
    order = await me.create()
    await settled()
    await me.update(order)
    await me.update(order)
    me.outbox.mend()
    await world.clock.run(1.0)
    assert world.publisher.delivered(order) == [1, 2, 3]


async def test_a_claim_brings_nothing_again_that_is_only_not_marked_yet(world: World) -> None:
    me, other = world.process("me"), world.process("other")
    world.publisher.holding = True
    whole, half = await me.create(), await me.create()
    await other.update(half)
    await settled()
    world.clock.advance(11.0)
    me.outbox.slow.add("claim_due")
    me.relay.start()
    await settled()
    me.outbox.cut("mark")
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await settled()
    me.outbox.let_go("claim_due")  # it was done before the marks failed, so it brings both orders
    me.outbox.slow.clear()
    await settled()
    assert world.publisher.delivered(whole) == [1]
    assert world.publisher.delivered(half) == [1, 2]


async def test_marks_are_told_with_those_of_the_next_batch(world: World) -> None:
    me = world.process()
    me.outbox.cut("mark")
    one = await me.create()
    await settled()
    me.outbox.mend()
    two = await me.create()
    await settled()
    assert me.outbox.marked == [{one: 1}, {one: 1, two: 1}]
    assert await world.waiting() == {}


async def test_a_mark_that_fails_late_does_not_undo_a_later_one(world: World) -> None:
    me = world.process()
    me.outbox.cut("mark")
    order = await me.create()
    await settled()
    me.outbox.mend()
    me.outbox.slow.add("mark")
    await me.create()
    await settled()
    await me.outbox.claim("me", world.clock.now(), [order])
    me.outbox.cut_answers("mark")
    me.outbox.let_go("mark")
    await settled()
    me.outbox.mend()
    me.outbox.slow.clear()
    me.relay.start()
    await settled()
    assert me.outbox.marked[-1][order] == 1
    assert await world.waiting() == {}


async def test_marks_are_told_while_the_broker_is_away_and_do_not_keep_it_from_being_tried(
    world: World,
) -> None:
    me = world.running()
    me.outbox.cut("mark")
    delivered = [await me.create() for _ in range(20)]
    await settled()
    world.publisher.outcome = lambda _: UNKNOWN
    order = await me.create()
    await world.clock.run(15.0)
    me.outbox.mend()
    world.publisher.outcome = lambda _: ACKNOWLEDGED
    await world.clock.run(20.0)
    assert world.publisher.delivered(order) == [1]
    assert all(world.publisher.delivered(each) == [1] for each in delivered)
    assert await world.waiting() == {}


@pytest.mark.parametrize("cut", ["cut", "cut_answers"])
async def test_a_scan_that_fails_goes_on_about_every_second(world: World, cut: str) -> None:
    order = await world.process("crashed").create(offered=False)
    world.clock.advance(11.0)
    me = world.process()
    getattr(me.outbox, cut)("claim_due")
    me.relay.start()
    await world.clock.run(8.5)
    assert me.outbox.calls == ["claim_due"] * 11
    me.outbox.mend()
    await world.clock.run(11.0)
    assert world.publisher.delivered(order) == [1]


async def test_its_going_and_its_coming_are_told_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    me = world.running()
    await settled()
    with caplog.at_level(logging.INFO):
        me.outbox.cut("mark", "claim_due", "claim")
        await me.create()
        await world.clock.run(10.0)
        me.outbox.mend()
        await world.clock.run(10.0)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "storage is away; the relay goes on when it is back"),
        ("INFO", "storage is back"),
    ]


async def test_events_behind_a_failed_mark_go_on_and_are_marked_with_it(world: World) -> None:
    me = world.process()
    me.outbox.cut("mark")
    order = await me.create()
    await me.update(order)
    await settled()
    assert world.publisher.versions_sent == [[1], [2]]
    me.outbox.mend()
    me.relay.start()
    await settled()
    assert await world.waiting() == {}
    assert world.publisher.delivered(order) == [1, 2]


async def test_with_storage_and_broker_away_at_once_nothing_is_lost(world: World) -> None:
    me = world.running()
    orders = [await me.create() for _ in range(3)]
    await settled()
    me.outbox.cut("mark", "claim_due", "claim")
    orders += [await me.create() for _ in range(3)]
    await settled()
    world.publisher.outcome = lambda _: UNKNOWN
    orders += [await me.create() for _ in range(3)]
    await world.clock.run(60.0)
    world.publisher.outcome = lambda _: ACKNOWLEDGED
    me.outbox.mend()
    await world.clock.run(30.0)
    assert all(world.publisher.delivered(order) == [1] for order in orders)
    assert await world.waiting() == {}
