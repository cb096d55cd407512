"""Rule 8: a send starts only while its lease is young; else the lease is renewed, or all is forgotten."""

import pytest

from core.use_cases.relay.flights import FLIGHTS
from tests.doubles.clock import settled
from tests.doubles.world import Process, World


async def held_up(world: World, me: Process) -> None:
    """Fill every flight, so that what comes next has to wait."""
    world.publisher.holding = True
    for _ in range(FLIGHTS):
        await me.create()
        await settled()


async def land_all(world: World) -> None:
    world.publisher.holding = False
    for flight in list(world.publisher.flights):
        flight.land()
    await settled()


async def test_a_lease_younger_than_4_seconds_needs_no_renewal(me: Process, world: World) -> None:
    await held_up(world, me)
    order = await me.create()
    world.clock.advance(3.99)
    await land_all(world)
    assert world.publisher.delivered(order) == [1]
    assert "claim" not in me.outbox.calls


async def test_an_older_lease_is_renewed_before_the_event_is_sent(
    me: Process, world: World
) -> None:
    await held_up(world, me)
    order = await me.create()
    world.clock.advance(4.0)
    me.outbox.slow.add("claim")
    await land_all(world)
    assert world.publisher.delivered(order) == []
    me.outbox.let_go("claim")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_of_a_batch_only_the_old_ones_are_renewed(me: Process, world: World) -> None:
    await held_up(world, me)
    old = await me.create()
    world.clock.advance(4.0)
    young = await me.create()
    await land_all(world)
    sent = [[event.order_id for event in events] for events in world.publisher.sent]
    assert sent[-2:] == [[young], [old]]


async def test_all_is_forgotten_where_another_process_has_the_lease(
    me: Process, world: World
) -> None:
    await held_up(world, me)
    order = await me.create()
    await me.update(order)
    world.clock.advance(11.0)
    await world.process("other").outbox.claim("other", world.clock.now(), [order])
    await land_all(world)
    assert world.publisher.delivered(order) == []


async def test_all_is_forgotten_where_nothing_waits_any_more(me: Process, world: World) -> None:
    await held_up(world, me)
    order = await me.create()
    world.clock.advance(4.0)
    await me.outbox.mark({order: 1})
    await land_all(world)
    assert world.publisher.delivered(order) == []


@pytest.mark.parametrize("cut", ["cut", "cut_answers"])
async def test_all_is_forgotten_where_the_lease_cannot_be_renewed_and_found_later(
    me: Process, world: World, cut: str
) -> None:
    await held_up(world, me)
    order = await me.create()
    world.clock.advance(4.0)
    getattr(me.outbox, cut)("claim")
    await land_all(world)
    assert world.publisher.delivered(order) == []
    me.relay.start()
    await world.clock.run(11.0)
    assert world.publisher.delivered(order) == [1]


async def test_a_renewal_goes_on_with_what_waits_now(me: Process, world: World) -> None:
    await held_up(world, me)
    order = await me.create()
    await me.update(order)
    world.clock.advance(4.0)
    await me.outbox.mark({order: 1})
    await land_all(world)
    assert world.publisher.delivered(order) == [2]


async def test_a_process_that_was_frozen_does_not_go_on_with_what_others_took_over(
    world: World,
) -> None:
    frozen, other, third = (world.process(who) for who in ("frozen", "other", "third"))
    world.publisher.holding = True
    order = await frozen.create()
    await frozen.update(order)
    await settled()
    world.clock.advance(11.0)
    await other.update(order)
    third.relay.start()  # takes over while the other process's first send has no answer yet
    late = world.publisher.flights[0]
    world.publisher.forget(late)
    world.publisher.holding = False
    await settled()
    assert world.publisher.delivered(order) == [1, 2, 3]
    late.land()
    await settled()
    assert world.publisher.delivered(order) == [1, 2, 3, 1]
