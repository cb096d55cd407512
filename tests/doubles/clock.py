"""Time that passes only when a test says so."""

import asyncio
from datetime import UTC, datetime, timedelta

from core.domain.ids import Id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def settled(turns: int = 30) -> None:
    """Let everything run that needs neither time nor an answer: more turns of the loop than any chain of it takes."""
    for _ in range(turns):
        await asyncio.sleep(0)


class ManualClock:
    """The port `Clock`: both clocks stand still until a test moves them, and wake who sleeps when they get there."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.lag = timedelta()

    def now(self) -> datetime:
        return NOON - self.lag + timedelta(milliseconds=round(self._elapsed * 1000))

    def monotonic(self) -> float:
        return 5_000.0 + self._elapsed

    async def sleep(self, seconds: float) -> None:
        sleeper = (round(self._elapsed + seconds, 6), asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    @property
    def sleeping(self) -> list[float]:
        """For how many seconds each sleeper sleeps on, in the order of waking."""
        return sorted(round(due - self._elapsed, 6) for due, _ in self._sleepers)

    def advance(self, seconds: float) -> None:
        """Move both clocks at once, as a process that was frozen meets them, and wake whose time has come."""
        self._elapsed = round(self._elapsed + seconds, 6)
        for due, sleeper in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if due <= self._elapsed and not sleeper.done():
                sleeper.set_result(None)

    async def run(self, seconds: float) -> None:
        """Move both clocks from one sleeper's time to the next, and let each do its work before going on."""
        until = round(self._elapsed + seconds, 6)
        await settled()
        while coming := [due for due, _ in self._sleepers if due <= until]:
            self.advance(max(min(coming) - self._elapsed, 0.0))
            await settled()
        self.advance(until - self._elapsed)
        await settled()


class CountedIds:
    """The port `NewId`: 1, 2, 3 and so on, as ids."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Id:
        self.made += 1
        return counted_id(self.made)


def counted_id(number: int) -> Id:
    """Give the id that is this number."""
    return Id(f"{number:024x}")
