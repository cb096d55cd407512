"""A topic as the checks see it: something to publish with, and what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from orderport import Id, Message, OrderEvent, Publisher, ReadableEventsSettings

Messages = Callable[[], Awaitable[Sequence[Message]]]
"""Gives all that lie on a topic, those of one order in their order; partition, offset and time may be any."""


class Sent(NamedTuple):
    """What an event is on the topic."""

    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes

    @classmethod
    def of(cls, event: OrderEvent) -> "Sent":
        """Give what this event has to be there."""
        headers = [(name, text.encode()) for name, text in event.headers()]
        return cls(event.order_id.encode(), headers, event.change.value)


class Topic(NamedTuple):
    """A publisher, and the messages that lie on its topic."""

    publisher: Publisher
    messages: Messages

    async def of(self, *order_ids: Id) -> list[Sent]:
        """Give the messages of these orders."""
        keys = {order_id.encode() for order_id in order_ids}
        return [
            Sent(message.key, list(message.headers), message.value)
            for message in await self.messages()
            if message.key in keys
        ]


async def read_back(settings: ReadableEventsSettings) -> Sequence[Message]:
    """Give all that lies on the topic, as the adapter itself reads it."""
    async with settings.open_log() as log:
        return [
            message for some in [m async for m in log.read(await log.ends())] for message in some
        ]
