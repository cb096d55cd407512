"""Events on a Redis stream."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from redis import RedisError, ResponseError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.typing import EncodableT, FieldT

from orderport import EventsUnavailable, OrderEvent, Outcome, Receipt
from orderport_redis.errors import describe

LARGEST_BYTES = 1_048_576
"""The least that `proto-max-bulk-len` can be set to. A server that meets more cuts the connection, and with it the
events that came along: so more is never sent. The largest order there can be comes to a tenth of it."""
CLOSE_SECONDS = 1.0
IMPOSSIBLE_ID = "0-0"
"""Redis sees to it that it may write before it looks at the id, and takes no entry with this one."""

TAKEN = Receipt(Outcome.ACKNOWLEDGED)
TOO_LARGE = Receipt(Outcome.REFUSED, f"larger than {LARGEST_BYTES:,} bytes")


class RedisPublisher:
    """The port `Publisher`, on one stream; the server has `seconds` for an answer.

    An entry has the fields `key`, `value` and `headers`, one JSON object of strings.
    """

    def __init__(self, client: Redis, stream: str, seconds: float) -> None:
        self._client = client
        self._stream = stream
        self._seconds = seconds

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        pipeline = self._client.pipeline(transaction=False)
        for event in filter(_fits, events):
            pipeline.xadd(self._stream, _fields(event))
        receipts = map(self._to_receipt, await self._answers(pipeline))
        return [next(receipts) if _fits(event) else TOO_LARGE for event in events]

    async def check(self) -> None:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.type(self._stream)
        pipeline.xadd(self._stream, {"check": ""}, id=IMPOSSIBLE_ID)
        kind, written = await self._answers(pipeline)
        if isinstance(kind, Exception):
            raise EventsUnavailable(describe(kind, self._stream)) from kind
        if kind not in (b"none", b"stream"):
            raise EventsUnavailable(f"{self._stream} is no stream")
        if isinstance(written, Exception) and not _came_to_the_id(written):
            raise EventsUnavailable(describe(written, self._stream)) from written

    async def close(self) -> None:
        """Cut the connections, in bounded time; what has no answer yet stays unknown."""
        with suppress(TimeoutError, RedisError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._client.aclose()

    async def _answers(self, pipeline: Pipeline) -> Sequence[object]:
        """Give what the server answers to each command, or the error that came instead."""
        commands = len(pipeline)
        try:
            async with asyncio.timeout(self._seconds):
                answers: Sequence[object] = await pipeline.execute(raise_on_error=False)
        except (TimeoutError, RedisError, OSError) as error:
            return [error] * commands
        return answers

    def _to_receipt(self, answer: object) -> Receipt:
        if isinstance(
            answer, Exception
        ):  # whatever it is, it can be mended without changing the event
            return Receipt(Outcome.UNKNOWN, describe(answer, self._stream))
        return TAKEN


def _fits(event: OrderEvent) -> bool:
    return len(event.change.value) <= LARGEST_BYTES


def _fields(event: OrderEvent) -> dict[FieldT, EncodableT]:
    headers = json.dumps(dict(event.headers()))
    return {"key": event.order_id, "value": event.change.value, "headers": headers}


def _came_to_the_id(error: Exception) -> bool:
    return isinstance(error, ResponseError) and IMPOSSIBLE_ID in str(error)
