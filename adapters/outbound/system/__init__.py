"""The machine's own clock, and ids as MongoDB makes them."""

import asyncio
import time
from datetime import UTC, datetime

from bson import ObjectId

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


def new_id() -> Id:
    """Make an ObjectId: seconds since 1970, five random bytes of this process, a counter."""
    return Id(str(ObjectId()))
