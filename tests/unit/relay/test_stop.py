"""Rule 10: a stop sends what is ready or under way, and gives up the rest."""

import asyncio
import logging

import pytest

from core.use_cases import relay
from core.use_cases.relay.flights import FLIGHTS
from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, UNKNOWN
from tests.doubles.world import Process, World


async def test_what_is_ready_or_under_way_goes_out_and_is_marked(world: World) -> None:
    me = world.running()
    order = await me.create()
    await me.update(order)
    await me.relay.stop(1.0)
    assert world.publisher.delivered(order) == [1, 2]
    assert await world.waiting() == {}


async def test_what_requests_write_until_the_stop_still_goes_out(world: World) -> None:
    me = world.running()
    await settled()
    me.relay.claim_no_more()
    order = await me.create()
    await me.relay.stop(1.0)
    assert world.publisher.delivered(order) == [1]
    assert await world.waiting() == {}


async def test_nothing_more_is_looked_for(world: World) -> None:
    me, other = world.running(), world.process("other")
    world.publisher.holding = True
    order = await me.create()
    await settled()
    await other.update(order)
    leftover = await other.create(offered=False)
    me.relay.claim_no_more()
    world.clock.advance(11.0)
    world.publisher.flights[0].land()
    await me.relay.stop(1.0)
    assert (world.publisher.delivered(order), world.publisher.delivered(leftover)) == ([1], [])
    assert me.outbox.calls == ["claim_due", "mark", "give_up"]


async def test_the_leases_of_what_is_left_are_given_up(world: World) -> None:
    me = world.running()
    world.publisher.outcome = lambda _: UNKNOWN
    orders = [await me.create() for _ in range(3)]
    await settled()
    await me.relay.stop(1.0)
    world.publisher.outcome = lambda _: ACKNOWLEDGED
    world.running("other")
    await settled()
    assert all(world.publisher.delivered(order) == [1] for order in orders)


async def test_a_send_without_an_answer_is_waited_for_so_long_and_then_left(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    me = world.running()
    world.publisher.holding = True
    order = await me.create()
    await settled()
    with caplog.at_level(logging.WARNING):
        await me.relay.stop(0.001)
    assert world.publisher.flights == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    world.publisher.holding = False
    world.running("other")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_a_send_that_has_its_answer_in_time_is_marked_and_not_repeated(world: World) -> None:
    me = world.running()
    world.publisher.holding = True
    order = await me.create()
    await settled()
    stopping = asyncio.create_task(me.relay.stop(10.0))
    await settled()
    assert not stopping.done()
    world.publisher.flights[0].land()
    await stopping
    assert world.publisher.delivered(order) == [1]
    assert await world.waiting() == {}


async def test_where_time_runs_out_nothing_more_is_sent(me: Process, world: World) -> None:
    world.publisher.holding = True
    for _ in range(FLIGHTS + 1):
        await me.create()
        await settled()
    await me.relay.stop(0.001)
    await settled()
    assert len(world.publisher.sent) == FLIGHTS


async def test_a_mark_that_is_cut_off_is_told_before_the_end(me: Process) -> None:
    me.outbox.slow.add("mark")
    order = await me.create()
    await settled()
    me.outbox.slow.clear()
    await me.relay.stop(0.001)
    assert me.outbox.marked == [{order: 1}, {order: 1}]


async def test_marks_that_failed_are_told_before_the_end(world: World) -> None:
    me = world.running()
    me.outbox.cut("mark")
    order = await me.create()
    await settled()
    me.outbox.mend()
    await me.relay.stop(1.0)
    assert await world.waiting() == {}
    assert world.publisher.delivered(order) == [1]


async def test_what_waits_for_its_next_try_is_left_to_others(world: World) -> None:
    me = world.running()
    sick = await me.create()
    world.publisher.outcome = lambda event: UNKNOWN if event.order_id == sick else ACKNOWLEDGED
    await me.create()
    await settled()
    await me.relay.stop(1.0)
    world.publisher.outcome = lambda _: ACKNOWLEDGED
    world.running("other")
    await settled()
    assert world.publisher.delivered(sick) == [1]


async def test_storage_that_is_away_does_not_keep_it_from_ending(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    me = world.running()
    await settled()
    me.outbox.cut("give_up")
    with caplog.at_level(logging.WARNING):
        await me.relay.stop(1.0)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_nor_does_storage_that_gives_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(relay, "GIVE_UP_SECONDS", 0.001)
    me = world.running()
    me.outbox.slow.add("give_up")
    with caplog.at_level(logging.WARNING):
        await me.relay.stop(1.0)
    me.outbox.slow.clear()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_relay_that_never_began_ends_too(world: World) -> None:
    me = world.process()
    await me.relay.stop(1.0)
    assert me.outbox.calls == ["give_up"]
