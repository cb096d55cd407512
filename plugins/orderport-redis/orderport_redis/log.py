"""The stream, read back."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import TypeVar, cast

from redis import RedisError
from redis.asyncio import Redis

from orderport import EventsUnavailable, Message
from orderport_redis.errors import describe

PARTITION = 0
PAGE = 1_000

Entry = tuple[bytes, Mapping[bytes, bytes]]

T = TypeVar("T")


class RedisEventLog:
    """The port `EventLog`, on one stream: a single partition, whose entries are counted from the first ever added.

    So those that were trimmed off its beginning have had their numbers. Where others were deleted, what is left has
    lower numbers than it should, and the end is never reached: it shows that some are gone.
    """

    def __init__(self, client: Redis, stream: str, seconds: float) -> None:
        self._client = client
        self._stream = stream
        self._seconds = seconds

    async def ends(self) -> Mapping[int, int]:
        added, _ = await self._count()
        return {PARTITION: added}

    async def read(self, ends: Mapping[int, int]) -> AsyncIterator[Sequence[Message]]:
        added, length = await self._count()
        offset, first = added - length, "-"
        while (left := ends[PARTITION] - offset) > 0:
            asked = self._client.xrange(self._stream, first, "+", min(PAGE, left))
            entries = cast(Sequence[Entry], await self._answer(asked))
            if not entries:
                return
            yield [_message(number, *entry) for number, entry in enumerate(entries, offset)]
            offset += len(entries)
            first = f"({entries[-1][0].decode()}"  # from behind it

    async def _count(self) -> tuple[int, int]:
        """Give how many entries were ever added, and how many are there now."""
        if not await self._answer(self._client.exists(self._stream)):
            return 0, 0
        about = await self._answer(self._client.xinfo_stream(self._stream))
        if "entries-added" not in about:
            raise EventsUnavailable("reading a stream back needs Redis 7.0 or newer")
        return about["entries-added"], about["length"]

    async def _answer(self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except (TimeoutError, RedisError, OSError) as error:
            raise EventsUnavailable(describe(error, self._stream)) from error


def _message(offset: int, entry_id: bytes, fields: Mapping[bytes, bytes]) -> Message:
    """Give an entry as a message; where somebody else has put it there it may be any."""
    milliseconds, _, _ = entry_id.partition(b"-")
    return Message(
        PARTITION,
        offset,
        int(milliseconds),
        fields.get(b"key", b""),
        _headers(fields.get(b"headers", b"")),
        fields.get(b"value", b""),
    )


def _headers(text: bytes) -> tuple[tuple[str, bytes], ...]:
    try:
        headers = json.loads(text)
    except ValueError:
        return ()
    if not isinstance(headers, dict):
        return ()
    return tuple((name, str(value).encode()) for name, value in headers.items())
