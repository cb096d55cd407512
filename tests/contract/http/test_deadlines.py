"""One timer ends each request in its own time, and no other."""

import asyncio

import pytest

from adapters.inbound.http.deadlines import Deadlines

SECONDS = 0.2


async def work(deadlines: Deadlines, done: asyncio.Event) -> None:
    async with asyncio.timeout(None) as deadline:
        deadlines.begin(deadline)
        try:
            await done.wait()
        finally:
            deadlines.lift(deadline)


async def test_each_is_ended_in_its_own_time() -> None:
    deadlines = Deadlines(SECONDS)
    loop = asyncio.get_running_loop()
    early = asyncio.create_task(work(deadlines, asyncio.Event()))
    await asyncio.sleep(SECONDS / 2)  # time itself is what tells them apart
    began = loop.time()
    late = asyncio.create_task(work(deadlines, asyncio.Event()))
    await asyncio.wait({early})
    assert not late.done()
    for task in (early, late):
        with pytest.raises(TimeoutError):
            await task
    assert SECONDS <= loop.time() - began < SECONDS + 1


async def test_what_is_done_in_time_is_left_alone_and_the_next_is_ended() -> None:
    deadlines = Deadlines(SECONDS)
    done = asyncio.Event()
    tasks = [asyncio.create_task(work(deadlines, one)) for one in (done, asyncio.Event())]
    await asyncio.sleep(0)
    done.set()
    await tasks[0]
    with pytest.raises(TimeoutError):
        await tasks[1]
    with pytest.raises(TimeoutError):
        await work(deadlines, asyncio.Event())


async def test_all_can_be_ended_at_once() -> None:
    deadlines = Deadlines(60.0)
    tasks = [asyncio.create_task(work(deadlines, asyncio.Event())) for _ in range(3)]
    await asyncio.sleep(0)
    deadlines.end_all()
    for task in tasks:
        with pytest.raises(TimeoutError):
            await task


async def test_what_was_done_when_it_was_to_end_goes_on() -> None:
    deadlines = Deadlines(60.0)
    async with asyncio.timeout(None) as deadline:
        deadlines.begin(deadline)
        deadlines.end_all()
        deadlines.lift(deadline)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not deadline.expired()
