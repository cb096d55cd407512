"""Rule 7: what others wrote behind our lease is claimed after our mark."""

import pytest

from core.domain.ids import Id
from core.use_cases import relay
from core.use_cases.relay.flights import FLIGHTS
from tests.doubles.clock import settled
from tests.doubles.world import Process, World


async def test_what_another_process_wrote_meanwhile_follows_at_once(world: World) -> None:
    one, other = world.process("one"), world.process("other")
    world.publisher.holding = True
    order = await one.create()
    await settled()
    await other.update(order)
    await other.update(order)
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2, 3]
    assert one.outbox.calls == ["mark", "claim", "mark"]


async def test_what_is_held_already_is_not_claimed(world: World) -> None:
    one = world.process("one")
    order = await one.create()
    await one.update(order)
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2]
    assert one.outbox.calls == ["mark", "mark"]


async def test_what_another_process_holds_is_left_to_it(world: World) -> None:
    one, other = world.process("one"), world.process("other")
    world.publisher.holding = True
    order = await one.create()
    await settled()
    world.clock.advance(11.0)
    await other.outbox.claim("other", world.clock.now(), [order])
    await other.update(order)
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await settled()
    assert one.outbox.calls == ["mark", "claim"]
    assert world.publisher.delivered(order) == [1]
    assert await world.waiting() == {order: [2]}


async def test_a_claim_that_saw_a_version_before_its_writer_had_the_answer_sends_it_once(
    world: World,
) -> None:
    me = world.process("me")
    me.outbox.slow.add("mark")
    order = await me.create()
    answer = await me.write(order)
    await settled()
    me.outbox.let_go("mark")  # behind version 1 waits 2, which this process wrote itself
    await settled()
    assert me.outbox.calls == ["mark", "claim"]
    assert answer.arrive() == 2
    await settled()
    me.outbox.slow.clear()
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2]


async def test_a_late_answer_takes_the_place_of_no_later_version(world: World) -> None:
    me = world.process("me")
    order = await me.create()
    await settled()
    world.publisher.holding = True
    late = await me.write(order)
    await me.outbox.claim("me", world.clock.now(), [order])
    late.arrive()
    await me.update(order)
    await settled()
    late.arrive()
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await settled()
    assert world.publisher.delivered(order) == [1, 2, 3]


async def test_versions_whose_answers_change_places_are_sent_in_order(world: World) -> None:
    me = world.process("me")
    order = await me.create()
    await settled()
    second, third = await me.write(order), await me.write(order)
    third.arrive()
    second.arrive()
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2, 3]
    assert await world.waiting() == {}


async def test_a_version_that_arrives_while_a_claim_is_under_way_is_sent_once(
    world: World,
) -> None:
    me, other = world.process("me"), world.process("other")
    order = await me.create()
    await other.update(order)
    me.outbox.slow.add("claim")
    await settled()
    third = await me.write(order)
    third.arrive()
    me.outbox.let_go("claim")
    await settled()
    me.outbox.slow.clear()
    me.outbox.let_go("claim")
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2, 3]


async def marks_late(me: Process) -> Id:
    """Give an order whose delivery storage was told without an answer, to be told again by the next scan."""
    me.outbox.cut_answers("mark")
    order = await me.create()
    await settled()
    me.outbox.mend()
    return order


async def test_a_claim_that_is_answered_after_its_event_was_delivered_brings_nothing(
    world: World,
) -> None:
    me = world.process("me")
    world.publisher.holding = True
    order = await me.create()
    await settled()
    world.clock.advance(11.0)
    me.outbox.slow.add("claim_due")
    me.relay.start()
    await settled()
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await settled()
    assert await world.waiting() == {}
    me.outbox.let_go("claim_due")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_a_write_that_is_answered_after_its_event_was_delivered_brings_nothing(
    world: World,
) -> None:
    me = world.process("me")
    order = await marks_late(me)
    late = await me.write(order)
    me.relay.start()
    await settled()
    assert world.publisher.delivered(order) == [1, 2]
    late.arrive()
    await settled()
    assert world.publisher.delivered(order) == [1, 2]


async def test_of_two_claims_at_a_time_the_second_brings_nothing_again(world: World) -> None:
    me = world.process("me")
    world.publisher.holding = True
    for _ in range(FLIGHTS):
        await me.create()
        await settled()
    order = await me.create()
    world.clock.advance(11.0)
    me.outbox.slow |= {"claim_due", "claim"}
    me.relay.start()
    await settled()
    world.publisher.holding = False
    for flight in list(world.publisher.flights):
        flight.land()
    await settled()
    me.outbox.let_go("claim")  # by which the lease was to be renewed
    await settled()
    assert world.publisher.delivered(order) == [1]
    me.outbox.let_go("claim_due")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_only_so_many_deliveries_are_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST_DELIVERED_ORDERS", 3)
    me = world.process("me")
    order = await marks_late(me)
    late = await me.write(order)
    me.relay.start()
    await settled()
    for _ in range(3):
        await me.create()
    await world.clock.run(0.1)
    late.arrive()
    await settled()
    assert world.publisher.delivered(order) == [1, 2, 2]
