"""What the core needs of the machine: the time, and ids that nobody else makes."""

from datetime import datetime
from typing import Protocol

from core.domain.ids import Id


class Clock(Protocol):
    """The time of day for people and events, and a monotonic one for everything that is measured."""

    def now(self) -> datetime:
        """Give the time of day, aware, in UTC, cut to whole milliseconds."""
        ...

    def monotonic(self) -> float:
        """Give seconds since some moment; never goes back, whatever happens to the time of day."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `monotonic` has gone on by `seconds`."""
        ...


class NewId(Protocol):
    """Makes ids that no other process makes, without asking one."""

    def __call__(self) -> Id:
        """Give a new id."""
        ...
