"""Calls that run together come out as they would alone."""

import asyncio
from collections.abc import Sequence

import pymongo
import pytest
from pymongo import _csot

from adapters.outbound.mongo import coalescing
from adapters.outbound.mongo.coalescing import MOST_TOGETHER, Coalesced
from core.domain.errors import Overloaded, StorageUnavailable

SECONDS = 5.0


class Command:
    """Squares numbers, together; each run waits until it is let go."""

    def __init__(self, *, holding: bool = True) -> None:
        self.runs: list[Sequence[int]] = []
        self.timeouts: list[float | None] = []
        self.begun = asyncio.Event()
        self.goes_on = asyncio.Event()
        if not holding:
            self.goes_on.set()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.runs.append(numbers)
        self.timeouts.append(_csot.get_timeout())
        self.begun.set()
        await self.goes_on.wait()
        return [ValueError(number) if number < 0 else number * number for number in numbers]


def calling(coalesced: Coalesced[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(coalesced(number)) for number in numbers]


async def test_a_call_that_is_alone_runs_at_once_and_alone() -> None:
    command = Command(holding=False)
    coalesced = Coalesced(command, SECONDS)
    assert [await coalesced(number) for number in (1, 2, 3)] == [1, 4, 9]
    assert command.runs == [[1], [2], [3]]


async def test_what_comes_while_a_run_is_under_way_leaves_in_the_next_one() -> None:
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    first = calling(coalesced, 1)
    await command.begun.wait()
    others = calling(coalesced, *range(2, 5))
    await asyncio.sleep(0)
    command.goes_on.set()
    assert await asyncio.gather(*first, *others) == [1, 4, 9, 16]
    assert command.runs == [[1], [2, 3, 4]]


async def test_no_run_has_more_than_its_most() -> None:
    command = Command(holding=False)
    coalesced = Coalesced(command, SECONDS)
    numbers = range(2 * MOST_TOGETHER + 1)
    assert await asyncio.gather(*calling(coalesced, *numbers)) == [n * n for n in numbers]
    assert [len(run) for run in command.runs] == [MOST_TOGETHER, MOST_TOGETHER, 1]


async def test_an_error_is_its_callers_alone() -> None:
    coalesced = Coalesced(Command(holding=False), SECONDS)
    one, bad, other = calling(coalesced, 1, -2, 3)
    assert list(await asyncio.gather(one, other)) == [1, 9]
    with pytest.raises(ValueError, match="-2"):
        await bad


async def test_an_error_of_the_run_is_everybodys_and_the_next_run_is_another() -> None:
    runs: list[Sequence[int]] = []

    async def fail_first(numbers: Sequence[int]) -> Sequence[int | Exception]:
        runs.append(numbers)
        if len(runs) == 1:
            raise StorageUnavailable("the connection was lost")
        return numbers

    coalesced = Coalesced(fail_first, SECONDS)
    answers = await asyncio.gather(*calling(coalesced, 1, 2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 2
    assert await coalesced(3) == 3


async def test_a_caller_that_is_gone_takes_nobody_along() -> None:
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    one, other = calling(coalesced, 1, 2)
    await command.begun.wait()
    waiting, gone = calling(coalesced, 3, 4)
    await asyncio.sleep(0)
    one.cancel()
    gone.cancel()
    await asyncio.wait({one, gone})
    command.goes_on.set()
    assert list(await asyncio.gather(other, waiting)) == [4, 9]
    assert command.runs == [[1, 2], [3]]


async def test_all_callers_may_go_and_the_run_goes_on() -> None:
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    (gone,) = calling(coalesced, 1)
    await command.begun.wait()
    gone.cancel()
    await asyncio.wait({gone})
    command.goes_on.set()
    assert await coalesced(2) == 4
    assert command.runs == [[1], [2]]


async def test_items_of_one_key_run_one_after_the_other_in_the_order_of_their_calls() -> None:
    command = Command(holding=False)
    coalesced = Coalesced(command, SECONDS, key=lambda number: number % 10)
    numbers = [1, 11, 2, 21, 12]
    assert await asyncio.gather(*calling(coalesced, *numbers)) == [n * n for n in numbers]
    assert command.runs == [[1, 2], [11, 12], [21]]


async def test_a_call_is_given_up_in_time_also_behind_another_that_hangs() -> None:
    command = Command()
    coalesced = Coalesced(command, 0.05)
    first, other = calling(coalesced, 1, 2)
    await command.begun.wait()
    (waiting,) = calling(coalesced, 3)
    answers = await asyncio.gather(first, other, waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    command.goes_on.set()
    assert await coalesced(4) == 16
    assert command.runs == [[1, 2], [4]]


async def test_a_call_that_comes_later_is_given_up_later() -> None:
    command = Command()
    coalesced = Coalesced(command, 0.2)
    (first,) = calling(coalesced, 1)
    await command.begun.wait()
    await asyncio.sleep(0.1)  # time itself is what tells them apart
    (later,) = calling(coalesced, 2)
    with pytest.raises(StorageUnavailable):
        await first
    assert not later.done()
    with pytest.raises(StorageUnavailable):
        await later
    assert command.runs == [[1]]


async def test_no_more_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coalescing, "MOST_WAITING", 2)
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    first = calling(coalesced, 1)
    await command.begun.wait()
    accepted = calling(coalesced, 2, 3)
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await coalesced(4)
    command.goes_on.set()
    assert await asyncio.gather(*first, *accepted) == [1, 4, 9]


async def test_a_deadline_of_the_first_caller_is_not_the_runs() -> None:
    command = Command(holding=False)
    coalesced = Coalesced(command, SECONDS)
    with pymongo.timeout(0.001):
        assert await coalesced(2) == 4
    assert command.timeouts == [None]


async def test_what_is_cut_at_the_end_is_not_known_of_anybody() -> None:
    before = asyncio.all_tasks()
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    calls = calling(coalesced, 1, 2)
    await command.begun.wait()
    calls += calling(coalesced, 3)
    await asyncio.sleep(0)
    await coalesced.close()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StorageUnavailable] * 3
    assert asyncio.all_tasks() == before


async def test_what_is_cut_before_it_begins_is_told_so_too() -> None:
    command = Command()
    coalesced = Coalesced(command, SECONDS)
    (call,) = calling(coalesced, 1)
    await asyncio.sleep(0)
    await coalesced.close()
    with pytest.raises(StorageUnavailable):
        await asyncio.wait_for(call, 1)
    assert command.runs == []
