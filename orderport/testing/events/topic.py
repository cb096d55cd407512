"""A topic as the checks see it: something to publish with, and what came of it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import NamedTuple

from orderport import Id, Message, OrderEvent, Publisher, ReadableEventsSettings

Messages = Callable[[], Awaitable[Sequence[Message]]]
"""Gives all that lie on a topic, those of one order in their order; partition, offset and time may be any."""


LONGEST_SHOWN = 1_000


class Sent(NamedTuple):
    """What an event is on the topic. A long value is cut and told by its digest, so that it can be shown."""

    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes

    @classmethod
    def of(cls, event: OrderEvent) -> "Sent":
        """Give what this event has to be there."""
        headers = [(name, text.encode()) for name, text in event.headers()]
        return cls(event.order_id.encode(), headers, _short(event.change.value))

    @classmethod
    def read(cls, message: Message) -> "Sent":
        """Give what a message is."""
        return cls(message.key, list(message.headers), _short(message.value))


def _short(value: bytes) -> bytes:
    if len(value) <= LONGEST_SHOWN:
        return value
    told = f"... {len(value)} bytes, SHA-256 {sha256(value).hexdigest()}"
    return value[:LONGEST_SHOWN] + told.encode()


def assert_same(found: Iterable[object], expected: Iterable[object]) -> None:
    """Fail at the first that differs: how long lists differ takes pytest minutes to tell, where it tells all of it."""
    for one, other in zip_longest(found, expected):
        assert one == other


class Topic(NamedTuple):
    """A publisher, and the messages that lie on its topic."""

    publisher: Publisher
    messages: Messages

    async def of(self, *order_ids: Id) -> list[Sent]:
        """Give the messages of these orders."""
        keys = {order_id.encode() for order_id in order_ids}
        return [Sent.read(message) for message in await self.messages() if message.key in keys]


async def read_back(settings: ReadableEventsSettings) -> Sequence[Message]:
    """Give all that lies on the topic, as the adapter itself reads it."""
    async with settings.open_log() as log:
        return [
            message for some in [m async for m in log.read(await log.ends())] for message in some
        ]
