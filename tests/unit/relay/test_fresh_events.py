"""Rules 2, 3 and 5: events go straight from their write to the broker, one of each order at a time."""

from core.use_cases.relay.marks import MARK_REST_SECONDS, MOST_UNMARKED_EVENTS
from tests.doubles.clock import ManualClock, settled
from tests.doubles.publisher import ScriptedPublisher
from tests.doubles.world import Process, World


async def test_an_event_leaves_right_after_its_write_and_is_marked(
    me: Process, world: World
) -> None:
    order = await me.create(b"[1]")
    await settled()
    assert world.publisher.delivered(order) == [1]
    assert world.publisher.topic[0].change.value == b"[1]"
    assert me.outbox.calls == ["mark"]
    assert await world.waiting() == {}


async def test_the_next_version_goes_behind_the_one_that_is_under_way(
    me: Process, publisher: ScriptedPublisher
) -> None:
    publisher.holding = True
    order = await me.create()
    await settled()
    assert [await me.update(order), await me.update(order)] == [2, 3]
    for _ in range(3):
        await settled()
        publisher.flights[0].land()
    await settled()
    assert publisher.versions_sent == [[1], [2], [3]]
    assert publisher.delivered(order) == [1, 2, 3]


async def test_versions_go_one_by_one_before_the_mark_and_are_marked_together(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    me.outbox.slow.add("mark")
    order = await me.create()
    await me.update(order)
    await settled()
    assert await me.update(order) == 3
    await settled()
    assert publisher.versions_sent == [[1], [2], [3]]
    assert me.outbox.marked == [{order: 1}]
    me.outbox.let_go("mark")
    await settled()
    assert me.outbox.marked == [{order: 1}]
    await clock.run(MARK_REST_SECONDS)
    assert me.outbox.marked == [{order: 1}, {order: 3}]


async def test_only_so_many_versions_of_an_order_go_before_the_mark(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    me.outbox.slow.add("mark")
    order = await me.create()
    for _ in range(MOST_UNMARKED_EVENTS + 4):
        await me.update(order)
    await settled(200)
    assert publisher.delivered(order) == [*range(1, MOST_UNMARKED_EVENTS + 1)]
    me.outbox.slow.clear()
    me.outbox.let_go("mark")
    await clock.run(MARK_REST_SECONDS)
    assert publisher.delivered(order) == [*range(1, MOST_UNMARKED_EVENTS + 6)]


async def test_an_event_is_marked_only_once_it_is_acknowledged(
    me: Process, publisher: ScriptedPublisher
) -> None:
    publisher.holding = True
    order = await me.create()
    await settled()
    assert me.outbox.marked == []
    publisher.flights[0].land()
    await settled()
    assert me.outbox.marked == [{order: 1}]


async def test_many_orders_travel_together(me: Process, publisher: ScriptedPublisher) -> None:
    orders = [await me.create() for _ in range(5)]
    await settled()
    assert [[event.order_id for event in events] for events in publisher.sent] == [orders]
    assert me.outbox.marked == [dict.fromkeys(orders, 1)]


async def test_up_to_four_batches_are_under_way_at_once_while_the_next_one_gathers(
    me: Process, publisher: ScriptedPublisher
) -> None:
    publisher.holding = True
    for _ in range(7):
        await me.create()
        await settled()
    assert publisher.versions_sent == [[1]] * 4
    publisher.flights[2].land()
    await settled()
    assert publisher.versions_sent == [[1]] * 4 + [[1, 1, 1]]


async def test_a_batch_has_at_most_500_orders(me: Process, publisher: ScriptedPublisher) -> None:
    for _ in range(501):
        await me.create()
    await settled()
    assert sorted(map(len, publisher.sent)) == [1, 500]


async def test_an_event_whose_lease_is_anothers_is_left_to_the_other(world: World) -> None:
    world.publisher.holding = True
    one, other = world.process("one"), world.process("other")
    order = await one.create()
    await settled()
    await other.update(order)
    await settled()
    assert world.publisher.versions_sent == [[1]]
    assert await world.waiting() == {order: [1, 2]}


async def test_an_event_is_not_taken_ahead_of_one_that_the_process_does_not_hold(
    world: World,
) -> None:
    one, other = world.process("one"), world.process("other")
    world.publisher.holding = True
    order = await one.create()
    await other.update(order)
    assert await one.update(order) == 3
    await settled()
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await settled()
    assert world.publisher.delivered(order) == [1, 2, 3]


async def test_a_lease_of_ones_own_alone_lets_no_event_go_ahead_of_what_waits(
    me: Process, publisher: ScriptedPublisher
) -> None:
    order = await me.create(offered=False)
    await me.update(order)
    await settled()
    assert publisher.sent == []


async def test_the_lease_of_a_delivered_order_goes_to_whoever_writes_next(world: World) -> None:
    one, other = world.process("one"), world.process("other")
    order = await one.create()
    await settled()
    await other.update(order)
    await settled()
    await one.update(order)
    await world.clock.run(0.1)
    assert world.publisher.delivered(order) == [1, 2, 3]
    assert (one.outbox.marked, other.outbox.marked) == ([{order: 1}, {order: 3}], [{order: 2}])
