"""The machine's own clock, and ids as MongoDB makes them."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import count
from secrets import randbelow, token_hex

from core.domain.ids import Id


class SystemClock:
    """The port `Clock`, on the operating system's clocks and the running event loop."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


_process = token_hex(5)
_numbers = count(randbelow(1 << 24))


def new_id() -> Id:
    """Make an ObjectId: seconds since 1970, five random bytes of this process, a counter."""
    return Id(f"{int(time.time()):08x}{_process}{next(_numbers) & 0xFFFFFF:06x}")
