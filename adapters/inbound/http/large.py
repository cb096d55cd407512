"""Bounds of what large bodies take of memory, however many clients send them at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.domain.errors import Overloaded

LARGE_BYTES = 65_536
"""A body of no more is not counted: one of these is what a connection's own buffers take anyway."""
MOST_BYTES_AT_ONCE = 64 * 1_048_576
MOST_TURNS = 8
TURN_SECONDS = 5.0


class LargeBodies:
    """Counts the bytes of large bodies that are being read or wait for their turn, and lets few be worked on at once.

    With 64 of the largest orders at once, each took three times its bytes from its reading until it was stored.
    """

    def __init__(self, most_bytes: int = MOST_BYTES_AT_ONCE, seconds: float = TURN_SECONDS) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._bytes = 0
        self._turns = asyncio.Semaphore(MOST_TURNS)

    def take(self, more: int) -> None:
        """Count so many bytes more. Raises `Overloaded`, and counts nothing, where there is no room."""
        if self._bytes + more > self._most_bytes:
            raise Overloaded("large bodies")
        self._bytes += more

    def give_back(self, taken: int) -> None:
        """Count so many bytes less."""
        self._bytes -= taken

    @asynccontextmanager
    async def turn(self, taken: int) -> AsyncIterator[None]:
        """Wait for a turn, then give back so many bytes. Raises `Overloaded` where that takes too long."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise Overloaded("large bodies") from None
        finally:
            self._bytes -= taken
        try:
            yield
        finally:
            self._turns.release()
