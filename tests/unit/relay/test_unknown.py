"""Rule 4: a send without an answer is repeated with the same bytes; the next version waits."""

from tests.doubles.clock import ManualClock, settled
from tests.doubles.publisher import ACKNOWLEDGED, REFUSED, UNKNOWN, ScriptedPublisher
from tests.doubles.world import Process


async def test_an_unanswered_event_is_repeated_as_it_was_before_the_next_version(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    publisher.holding = True
    order = await me.create(b"[1]")
    other = await me.create()
    await me.update(order, b"[2]")
    await settled()
    publisher.holding = False
    publisher.outcome = lambda event: UNKNOWN if event.order_id == order else ACKNOWLEDGED
    publisher.flights[0].land()
    await settled()
    assert publisher.delivered(other) == [1]

    publisher.outcome = lambda _: ACKNOWLEDGED
    await clock.run(0.2)
    assert publisher.versions_sent == [[1, 1], [1], [2]]
    assert publisher.sent[1][0] == publisher.sent[0][0]
    assert publisher.delivered(order) == [1, 2]


async def test_it_is_repeated_ever_more_slowly_up_to_every_5_seconds(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    sick = await me.create()
    pauses = await pauses_of_a_sick_order(me, publisher, clock, repeats=8)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert publisher.delivered(sick) == [1]


async def test_renewals_of_its_lease_make_no_pause_shorter(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    await me.create()
    await pauses_of_a_sick_order(me, publisher, clock, repeats=8)
    assert me.outbox.calls.count("claim") == 4


async def pauses_of_a_sick_order(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock, repeats: int
) -> list[float]:
    """Leave the one event that waits without an answer so many times, while others have theirs."""
    pauses = []
    publisher.holding = True
    for _ in range(repeats):
        await settled()
        await me.create()
        await settled()
        sick, well = publisher.flights
        well.land(ACKNOWLEDGED)
        await clock.run(0.1)
        sick.land(UNKNOWN)
        await settled()
        pauses += clock.sleeping
        await clock.run(pauses[-1])
    assert me.relay.away is None
    publisher.holding = False
    publisher.flights[0].land(ACKNOWLEDGED)
    await settled()
    return pauses


async def test_what_fails_together_with_a_refused_event_is_repeated_without_it(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    bad, good = await me.create(), await me.create()
    publisher.holding = True
    await settled()
    publisher.holding = False
    publisher.flights[0].land(REFUSED, UNKNOWN)
    await settled()
    assert (publisher.delivered(bad), publisher.delivered(good)) == ([1], [])
    await clock.run(0.2)
    assert publisher.delivered(good) == [1]
    assert [len(events) for events in publisher.sent] == [2, 1, 1]


async def test_an_order_that_was_delivered_from_elsewhere_meanwhile_goes_on_with_what_came_since(
    me: Process, publisher: ScriptedPublisher, clock: ManualClock
) -> None:
    publisher.holding = True
    order = await me.create()
    await me.create()
    await settled()
    await me.outbox.mark({order: 1})  # as another process does that has taken the lease over
    await me.update(order)
    publisher.holding = False
    publisher.flights[0].land(UNKNOWN, ACKNOWLEDGED)
    await clock.run(0.2)
    assert publisher.delivered(order) == [2]
