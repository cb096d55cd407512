"""A topic as the suite of the port `Publisher` sees it: something to publish with, and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.events import Publisher


@dataclass(frozen=True)
class Sent:
    """A message on the topic."""

    key: str
    headers: list[tuple[str, str]]
    value: bytes

    @classmethod
    def of(cls, event: OrderEvent) -> "Sent":
        return cls(event.order_id, event.headers(), event.change.value)


@dataclass(frozen=True)
class Topic:
    """`messages` gives all that lie on the topic, those of one order in their order."""

    publisher: Publisher
    messages: Callable[[], Awaitable[list[Sent]]]

    async def of(self, *order_ids: Id) -> list[Sent]:
        """Give the messages of these orders."""
        return [message for message in await self.messages() if message.key in order_ids]
