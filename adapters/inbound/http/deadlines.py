"""Deadlines of requests, all by one timer: to set and cancel one for each takes longer than to decode a body."""

import asyncio


class Deadlines:
    """Ends what takes longer than `seconds`. All have the same, so that the first to begin is the first to end."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: dict[asyncio.Timeout, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, deadline: asyncio.Timeout) -> None:
        """Have a deadline, made without an end of its own, end in time."""
        loop = asyncio.get_running_loop()
        end = self._ends[deadline] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(end, self._end_due)

    def lift(self, deadline: asyncio.Timeout) -> None:
        """Let a deadline be; one that is due may not have ended yet."""
        if self._ends.pop(deadline, None) is None and not deadline.expired():
            deadline.reschedule(None)

    def end_all(self) -> None:
        """End every deadline now."""
        now = asyncio.get_running_loop().time()
        for deadline in self._ends:
            deadline.reschedule(now)
        self._ends.clear()

    def _end_due(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        while self._ends:
            deadline, end = next(iter(self._ends.items()))
            if end > loop.time():
                self._timer = loop.call_at(end, self._end_due)
                return
            del self._ends[deadline]
            deadline.reschedule(end)
