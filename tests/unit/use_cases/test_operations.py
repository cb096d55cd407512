"""What operators do about events."""

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable
from datetime import timedelta
from typing import TypeVar

import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import EventsUnavailable, Invalid, NotFound, NothingToDo
from core.domain.ids import Id
from core.ports.events import Outcome
from core.use_cases.operations import DiscardFailed, Fate, FindFailed, Replay, Replayed, RetryFailed
from tests.doubles.clock import NOON, ManualClock, counted_id
from tests.doubles.publisher import ScriptedPublisher
from tests.doubles.world import World

T = TypeVar("T")

UNKNOWN_ID = counted_id(0xFFFF)


async def set_aside(world: World, versions: int = 1) -> Id:
    """Store an order whose first version was refused."""
    process = world.process()
    order_id = await process.create(offered=False)
    for _ in range(versions - 1):
        await process.update(order_id)
    event = (await world.storage.backlog.get([order_id]))[0].latest
    (claimed,) = await world.storage.outbox.claim("me", world.clock.now(), [order_id])
    await world.storage.outbox.fail("me", claimed.events[0], "too large", NOON, 4)
    assert event.version == versions
    return order_id


async def delivered(world: World, versions: int = 1) -> Id:
    """Store an order of which nothing waits."""
    process = world.process()
    order_id = await process.create(offered=False)
    for _ in range(versions - 1):
        await process.write(order_id)
    await world.storage.outbox.mark({order_id: versions})
    return order_id


async def all_of(items: AsyncIterable[T]) -> list[T]:
    return [item async for item in items]


async def in_time(clock: ManualClock, work: Awaitable[T]) -> T:
    """Let the clock run until it is done."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.run(0.1)
    return await task


@pytest.fixture
def find(storage: MemoryStorage) -> FindFailed:
    return FindFailed(storage.backlog)


@pytest.fixture
def retry(storage: MemoryStorage, find: FindFailed, clock: ManualClock) -> RetryFailed:
    return RetryFailed(storage.backlog, find, clock)


@pytest.fixture
def discard(storage: MemoryStorage, clock: ManualClock) -> DiscardFailed:
    return DiscardFailed(storage.backlog, clock)


@pytest.fixture
def replay(storage: MemoryStorage, publisher: ScriptedPublisher, clock: ManualClock) -> Replay:
    return Replay(storage.backlog, publisher, clock)


async def test_an_order_is_found_that_is_set_aside(world: World, find: FindFailed) -> None:
    order_id = await set_aside(world)
    found = await find(order_id.upper())
    assert found.failure
    assert (found.order_id, found.failure.reason) == (order_id, "too large")


async def test_other_orders_are_told_apart(world: World, find: FindFailed) -> None:
    waiting = await world.process().create(offered=False)
    for order_id in (waiting, await delivered(world)):
        with pytest.raises(NothingToDo, match=f"order {order_id} is not set aside"):
            await find(order_id)
    with pytest.raises(NotFound):
        await find(UNKNOWN_ID)
    with pytest.raises(Invalid):
        await find("12")


async def test_what_is_retried_is_sent_by_a_relay_that_runs(
    world: World, retry: RetryFailed
) -> None:
    order_id = await set_aside(world, versions=2)
    world.running("service")
    await world.clock.run(60)
    assert world.publisher.topic == []
    assert await retry.one(order_id) == order_id
    await world.clock.run(2)
    assert world.publisher.delivered(order_id) == [1, 2]


async def test_all_are_retried_each_once(world: World, retry: RetryFailed) -> None:
    orders = [await set_aside(world) for _ in range(3)]
    assert sorted(await all_of(retry.all())) == orders
    assert await all_of(retry.all()) == []


async def test_what_fails_again_meanwhile_is_not_retried_for_ever(
    world: World, retry: RetryFailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.use_cases.operations.BATCH", 1)
    order_id = await set_aside(world)
    failed = world.storage.backlog.failed

    async def twice():  # type: ignore[no-untyped-def]
        async for found in failed():
            yield found
            yield found

    monkeypatch.setattr(world.storage.backlog, "failed", twice)
    assert await all_of(retry.all()) == [order_id]


async def test_what_is_discarded_is_left_out_and_logged(
    world: World, find: FindFailed, discard: DiscardFailed, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = await set_aside(world, versions=2)
    await discard(await find(order_id))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"event 1 of order {order_id} is discarded, later ones follow without it: it was refused: too large"
    )
    world.running("service")
    await world.clock.run(2)
    assert world.publisher.delivered(order_id) == [2]


async def test_what_changed_since_it_was_looked_at_is_not_discarded(
    world: World, find: FindFailed, discard: DiscardFailed, retry: RetryFailed
) -> None:
    order_id = await set_aside(world)
    found = await find(order_id)
    await retry.one(order_id)
    with pytest.raises(NothingToDo, match="not set aside any more"):
        await discard(found)
    waiting = await world.storage.backlog.find(order_id)
    assert waiting
    with pytest.raises(NothingToDo):
        await discard(waiting)


async def test_a_replay_sends_the_latest_event_again(world: World, replay: Replay) -> None:
    order_id = await delivered(world, versions=3)
    assert await replay.order(order_id.upper()) == Replayed(order_id, 3, Fate.SENT)
    (stored,) = await world.storage.backlog.get([order_id])
    assert world.publisher.topic == [stored.latest]


async def test_a_replay_is_never_a_first_delivery(world: World, replay: Replay) -> None:
    waiting = await world.process().create(offered=False)
    failed, discarded = await set_aside(world), await set_aside(world)
    await world.storage.backlog.discard(discarded, 1, NOON)
    replayed = await all_of(replay.since(NOON))
    assert {one.order_id: one.fate for one in replayed} == {
        waiting: Fate.WAITING,
        failed: Fate.WAITING,
        discarded: Fate.DISCARDED,
    }
    assert world.publisher.sent == []


async def test_a_replay_since_a_time_leaves_out_what_is_older(world: World, replay: Replay) -> None:
    await delivered(world)
    world.clock.advance(60)
    orders = {await delivered(world) for _ in range(3)}
    replayed = await all_of(replay.since(NOON + timedelta(seconds=60)))
    assert {one.order_id for one in replayed} == orders


async def test_an_order_that_is_not_there_cannot_be_replayed(replay: Replay) -> None:
    with pytest.raises(NotFound):
        await replay.order(UNKNOWN_ID)


async def test_what_has_no_answer_is_sent_again(world: World, replay: Replay) -> None:
    order_id = await delivered(world)
    tries = [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.ACKNOWLEDGED]
    world.publisher.outcome = lambda _: tries.pop(0)
    replayed = await in_time(world.clock, replay.order(order_id))
    assert replayed.fate is Fate.SENT
    assert len(world.publisher.sent) == 3


async def test_a_broker_without_answer_ends_a_replay(world: World, replay: Replay) -> None:
    order_id = await delivered(world)
    world.publisher.outcome = lambda _: Outcome.UNKNOWN
    with pytest.raises(EventsUnavailable, match="no broker answers"):
        await in_time(world.clock, replay.order(order_id))


async def test_a_broker_that_is_away_is_told_before_anything_is_sent(
    world: World, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await delivered(world)
    world.publisher.down = "away"
    with pytest.raises(EventsUnavailable, match="away"):
        await replay.order(order_id)

    monkeypatch.setattr("core.use_cases.operations.CHECK_SECONDS", 0.01)
    monkeypatch.setattr(world.publisher, "check", asyncio.Event().wait)
    with pytest.raises(EventsUnavailable, match="no answer in time"):
        await replay.order(order_id)
    assert world.publisher.sent == []


async def test_what_is_refused_takes_nothing_with_it(world: World, replay: Replay) -> None:
    good, bad = await delivered(world), await delivered(world)

    def outcome(_: object) -> Outcome:
        if len(world.publisher.sent[-1]) > 1:
            return Outcome.REFUSED
        (alone,) = world.publisher.sent[-1]
        return Outcome.REFUSED if alone.order_id == bad else Outcome.ACKNOWLEDGED

    world.publisher.outcome = outcome
    replayed = await in_time(world.clock, all_of(replay.since(NOON)))
    assert {one.order_id: (one.fate, one.reason) for one in replayed} == {
        good: (Fate.SENT, ""),
        bad: (Fate.REFUSED, "no broker answers"),
    }
