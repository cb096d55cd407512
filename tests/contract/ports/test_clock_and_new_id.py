"""The ports `Clock` and `NewId`."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from adapters.outbound.system import SystemClock, new_id
from core.domain.ids import parse_id
from core.ports.system import Clock

MAKE_IDS = "from adapters.outbound.system import new_id\nfor _ in range(1000): print(new_id())"
CLOCK: Clock = SystemClock()


def test_now_is_the_time_of_day_in_utc_cut_to_whole_milliseconds() -> None:
    """Give the time of day, aware, in UTC, cut to whole milliseconds."""
    for _ in range(1_000):
        before, now, after = datetime.now(UTC), CLOCK.now(), datetime.now(UTC)
        assert now.tzinfo is UTC
        assert now.microsecond % 1_000 == 0
        assert before - timedelta(milliseconds=1) < now <= after


def test_monotonic_never_goes_back() -> None:
    """Give seconds since some moment; never goes back, whatever happens to the time of day."""
    moments = [CLOCK.monotonic() for _ in range(1_000)]
    assert moments == sorted(moments)


async def test_sleep_returns_once_monotonic_has_gone_on() -> None:
    """Return once `monotonic` has gone on by `seconds`."""
    for seconds in (0.0, 0.001, 0.02):
        began = CLOCK.monotonic()
        await CLOCK.sleep(seconds)
        assert CLOCK.monotonic() - began >= seconds


async def test_who_sleeps_holds_up_nobody() -> None:
    """Return once `monotonic` has gone on by `seconds`."""
    sleeping = asyncio.create_task(CLOCK.sleep(60))
    await asyncio.sleep(0)
    assert not sleeping.done()
    sleeping.cancel()
    await asyncio.wait({sleeping})


def test_an_id_is_an_id() -> None:
    """Give a new id."""
    made = new_id()
    assert parse_id(made) == made


def test_no_id_is_made_twice_by_many_threads() -> None:
    """Give a new id."""
    with ThreadPoolExecutor(8) as pool:
        made = [
            made
            for some in pool.map(lambda _: [new_id() for _ in range(500)], range(8))
            for made in some
        ]
    assert len(set(made)) == 4_000


def test_no_id_is_made_by_two_processes() -> None:
    """Makes ids that no other process makes, without asking one."""
    others = [
        subprocess.Popen([sys.executable, "-c", MAKE_IDS], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    made = [str(new_id()) for _ in range(1_000)]
    for other in others:
        made += other.communicate(timeout=30)[0].split()
    assert len(made) == len(set(made)) == 3_000
