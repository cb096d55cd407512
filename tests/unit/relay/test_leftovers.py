"""Rule 6: what nobody takes care of is found by a scan, oldest first."""

from datetime import timedelta

from tests.doubles.clock import settled
from tests.doubles.world import World


async def test_what_a_crash_left_behind_is_sent_once_its_lease_is_past(world: World) -> None:
    crashed = world.process("crashed")
    order = await crashed.create(offered=False)
    await crashed.update(order)
    world.running("other")
    await world.clock.run(9.5)
    assert world.publisher.topic == []
    await world.clock.run(1.5)
    assert world.publisher.delivered(order) == [1, 2]
    assert await world.waiting() == {}


async def test_it_is_sent_oldest_lease_first(world: World) -> None:
    crashed = world.process("crashed")
    orders = []
    for _ in range(3):
        orders.append(await crashed.create(offered=False))
        world.clock.advance(1.0)
    world.clock.advance(20.0)
    world.running("other")
    await settled()
    assert [event.order_id for event in world.publisher.topic] == orders


async def test_it_is_found_by_whoever_starts_later(world: World) -> None:
    order = await world.process("crashed").create(offered=False)
    world.clock.advance(11.0)
    world.running("restarted")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_of_two_processes_that_scan_at_once_one_sends_it(world: World) -> None:
    orders = [await world.process("crashed").create(offered=False) for _ in range(3)]
    for who in ("one", "other"):
        world.running(who)
    await world.clock.run(30.0)
    assert sorted(event.order_id for event in world.publisher.topic) == orders


async def test_more_than_one_claim_brings_is_found_in_one_scan(world: World) -> None:
    crashed = world.process("crashed")
    for _ in range(250):
        await crashed.create(offered=False)
    world.clock.advance(11.0)
    scanning = world.running("scanning")
    await settled()
    assert len(world.publisher.topic) == 250
    assert scanning.outbox.calls.count("claim_due") == 4


async def test_an_order_of_very_many_versions_is_sent_whole(world: World) -> None:
    crashed = world.process("crashed")
    order = await crashed.create(offered=False)
    for _ in range(39):
        await crashed.update(order)
    world.clock.advance(11.0)
    world.running("scanning")
    await settled(1_000)
    assert world.publisher.delivered(order) == list(range(1, 41))


async def test_a_write_whose_lease_a_wrong_clock_put_far_ahead_is_not_waited_for(
    world: World,
) -> None:
    world.clock.lag = timedelta(hours=-1)
    order = await world.process("an hour ahead").create(offered=False)
    world.clock.lag = timedelta()
    world.running("other")
    await settled()
    assert world.publisher.delivered(order) == [1]


async def test_a_scan_ends_where_another_process_takes_over_each_time_what_it_claims(
    world: World,
) -> None:
    fast = world.process("its clock is fast")
    await fast.create(offered=False)
    world.clock.advance(11.0)
    world.publisher.holding = True
    me = world.process("me")
    me.outbox.slow.add("claim_due")
    me.relay.start()
    for _ in range(5):
        await settled()
        await fast.outbox.claim_due("fast", world.clock.now() + timedelta(seconds=30), 100)
        me.outbox.let_go("claim_due")
    await settled()
    assert me.outbox.calls.count("claim_due") == 2


async def test_scans_come_about_every_second_and_not_all_at_once(world: World) -> None:
    world.process("one", chance=0.0).relay.start()
    world.process("other", chance=0.5).relay.start()
    world.process("third", chance=1.0).relay.start()
    await settled()
    assert world.clock.sleeping == [0.8, 1.0, 1.2]
