"""An error that nobody foresaw ends neither the relay nor an event."""

import logging

import pytest

from tests.doubles.clock import settled
from tests.doubles.world import World


async def test_a_publisher_that_raises_is_asked_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    me = world.running()
    world.publisher.error = LookupError("a bug")
    with caplog.at_level(logging.ERROR):
        order = await me.create()
        await world.clock.run(5.0)
    assert [record.getMessage() for record in caplog.records] == [
        "sending events failed; they are sent again"
    ]
    assert caplog.records[0].exc_info is not None
    world.publisher.error = None
    await world.clock.run(10.0)
    assert world.publisher.delivered(order) == [1]


@pytest.mark.parametrize("command", ["mark", "claim", "fail"])
async def test_storage_that_raises_while_events_are_sent_is_asked_again(
    world: World, command: str
) -> None:
    me = world.running()
    world.publisher.holding = True
    order = await me.create()
    await world.process("other").update(order)
    await settled()
    me.outbox.errors[command] = LookupError("a bug")
    world.publisher.holding = False
    world.publisher.flights[0].land()
    await world.clock.run(5.0)
    me.outbox.mend()
    await world.clock.run(15.0)
    assert world.publisher.delivered(order) == [1, 2]
    assert await world.waiting() == {}


async def test_a_scan_that_raises_goes_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    order = await world.process("crashed").create(offered=False)
    me = world.process()
    me.outbox.errors["claim_due"] = LookupError("a bug")
    me.relay.start()
    with caplog.at_level(logging.ERROR):
        await world.clock.run(12.0)
    assert {record.getMessage() for record in caplog.records} == {
        "the scan for waiting events failed; it goes on"
    }
    me.outbox.mend()
    await world.clock.run(1.0)
    assert world.publisher.delivered(order) == [1]
