"""Publishers with one fault each, to a list in memory; where the list is away, nothing gets there."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from orderport import (
    PORTS_VERSION,
    Environment,
    EventsUnavailable,
    Feature,
    Message,
    OrderEvent,
    Outcome,
    Publisher,
    Receipt,
)


class ListPublisher:
    """The port `Publisher`."""

    def __init__(self, topic: list[Message] | None) -> None:
        self.topic = topic

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        if self.topic is None:
            return [Receipt(Outcome.UNKNOWN, "the list is away")] * len(events)
        self.topic += map(to_message, events)
        return [Receipt(Outcome.ACKNOWLEDGED)] * len(events)

    async def check(self) -> None:
        if self.topic is None:
            raise EventsUnavailable("the list is away")


def to_message(event: OrderEvent) -> Message:
    headers = tuple((name, text.encode()) for name, text in event.headers())
    return Message(0, 0, 0, event.order_id.encode(), headers, event.change.value)


class EscapedValues(ListPublisher):
    """Values are read, and written again in ASCII."""

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        def escaped(value: bytes) -> bytes:
            return json.dumps(json.loads(value), separators=(",", ":")).encode()

        changes = [replace(event.change, value=escaped(event.change.value)) for event in events]
        return await super().publish(
            [replace(event, change=change) for event, change in zip(events, changes, strict=True)]
        )


class NoRepeats(ListPublisher):
    """What lies on the topic already is not sent again."""

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        new = [event for event in events if to_message(event) not in (self.topic or [])]
        await super().publish(new)
        return await ListPublisher(None if self.topic is None else []).publish(events)


class OneBatch(ListPublisher):
    """Of calls that overlap each sends what came last."""

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        self.batch = events
        await asyncio.sleep(0)
        return await super().publish(self.batch)


class SilentCheck(ListPublisher):
    """The check has no complaint, ever."""

    async def check(self) -> None:
        pass


class HostsInReasons(ListPublisher):
    """Reasons are a driver's words."""

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        receipts = await super().publish(events)
        return [
            receipt
            if receipt.outcome is Outcome.ACKNOWLEDGED
            else Receipt(receipt.outcome, "cannot connect to broker.internal:9092")
            for receipt in receipts
        ]


@dataclass(frozen=True, slots=True)
class BrokenEventsSettings:
    """Settings for publishers of that kind to that topic."""

    kind: type[ListPublisher]
    topic: list[Message] | None

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar[frozenset[Feature]] = frozenset()

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(ListPublisher, [])

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Publisher]:
        yield self.kind(self.topic)


BROKEN: Mapping[str, tuple[type[ListPublisher], set[str]]] = {
    "sound": (ListPublisher, set()),
    "escaped values": (EscapedValues, {"test_an_event_is_on_the_topic_as_it_is"}),
    "no repeats": (NoRepeats, {"test_an_event_that_is_sent_again_is_the_same_bytes"}),
    "one batch": (OneBatch, {"test_calls_may_overlap"}),
    "silent check": (SilentCheck, {"test_the_check_says_why_nothing_can_be_published"}),
    "hosts in reasons": (
        HostsInReasons,
        {"test_a_receipt_gives_a_reason_where_the_event_was_not_taken"},
    ),
}
"""Each fault, and the checks that reject it."""
