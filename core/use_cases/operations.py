"""What operators do about events: look at those that wait, mend what is set aside, send again."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from core.domain.errors import EventsUnavailable, NotFound, NothingToDo
from core.domain.events import OrderEvent
from core.domain.fields import read_id
from core.domain.ids import Id
from core.ports.backlog import Backlog, StoredOrder, WaitingOrder
from core.ports.events import Outcome, Publisher, Receipt
from core.ports.system import Clock

log = logging.getLogger(__name__)

BATCH = 500
PAUSES_SECONDS = (0.1, 1.0, 1.0)
"""Before each further try of an event that had no answer."""
CHECK_SECONDS = 8.0

T = TypeVar("T")


class FindFailed:
    """Find an order that is set aside."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog

    async def __call__(self, order_id: str) -> WaitingOrder:
        """Give it, with its failure. Raises `Invalid`, `NotFound`, `NothingToDo` where it is not set aside."""
        this = read_id(order_id)
        found = await self._backlog.find(this)
        if found is None or found.failure is None:
            if not await self._backlog.get([this]):
                raise NotFound("order")
            raise NothingToDo(f"order {this} is not set aside")
        return found


class RetryFailed:
    """Let the events that were refused be sent once more, by whichever process finds them first."""

    def __init__(self, backlog: Backlog, find: FindFailed, clock: Clock) -> None:
        self._backlog = backlog
        self._find = find
        self._clock = clock

    async def one(self, order_id: str) -> Id:
        """Retry an order. Raises as `FindFailed` does."""
        found = await self._find(order_id)
        await self._backlog.retry([found.order_id], self._clock.now())
        return found.order_id

    async def all(self) -> AsyncIterator[Id]:
        """Retry every order that is set aside, and give each, once: one that fails again meanwhile is left."""
        retried: set[Id] = set()
        async for batch in batched(self._backlog.failed(), BATCH):
            ids = {found.order_id for found in batch} - retried
            for order_id in await self._backlog.retry(ids, self._clock.now()):
                retried.add(order_id)
                yield order_id


class DiscardFailed:
    """Give up an event that was refused, for good: consumers will miss that version."""

    def __init__(self, backlog: Backlog, clock: Clock) -> None:
        self._backlog = backlog
        self._clock = clock

    async def __call__(self, found: WaitingOrder) -> None:
        """Discard the event for which an order that was found is set aside, as long as that still stands.

        Raises `NothingToDo` where it is not.
        """
        failure = found.failure
        if not failure or not await self._backlog.discard(
            found.order_id, failure.version, self._clock.now()
        ):
            raise NothingToDo(f"order {found.order_id} is not set aside any more")
        log.warning(
            "event %s of order %s is discarded, later ones follow without it: it was refused: %s",
            failure.version, found.order_id, failure.reason,
        )  # fmt: skip


class Fate(StrEnum):
    """What a replay did about an order."""

    SENT = "sent"
    WAITING = "waiting"
    """Nothing: its latest event has yet to go out for the first time, which it does by itself."""
    DISCARDED = "discarded"
    """Nothing: its latest event was discarded."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one order; `reason` is empty unless its event was refused."""

    order_id: Id
    version: int
    fate: Fate
    reason: str = ""


class Replay:
    """Send the latest event of orders again, byte for byte, but never for the first time.

    Both ways raise `EventsUnavailable` where the broker does not answer; what was given until then has been sent.
    """

    def __init__(self, backlog: Backlog, publisher: Publisher, clock: Clock) -> None:
        self._backlog = backlog
        self._publisher = publisher
        self._clock = clock

    async def order(self, order_id: str) -> Replayed:
        """Replay one order. Raises `Invalid`, `NotFound`."""
        found = await self._backlog.get([read_id(order_id)])
        if not found:
            raise NotFound("order")
        await self._check()
        (replayed,) = await self._replay(found)
        return replayed

    async def since(self, time: datetime) -> AsyncIterator[Replayed]:
        """Replay every order whose latest change was made at `time`, of whole milliseconds, or later."""
        await self._check()
        async for batch in batched(self._backlog.changed_since(time), BATCH):
            for replayed in await self._replay(batch):
                yield replayed

    async def _check(self) -> None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._publisher.check()
        except TimeoutError:
            raise EventsUnavailable("no answer in time") from None

    async def _replay(self, orders: Sequence[StoredOrder]) -> Sequence[Replayed]:
        delivered: list[OrderEvent] = []
        others: list[Replayed] = []
        for order in orders:
            event = order.latest
            if event.version in order.waiting:
                others.append(Replayed(event.order_id, event.version, Fate.WAITING))
            elif event.version in order.discarded:
                others.append(Replayed(event.order_id, event.version, Fate.DISCARDED))
            else:
                delivered.append(event)
        return [*await self._send(delivered), *others]

    async def _send(self, events: Sequence[OrderEvent]) -> Sequence[Replayed]:
        receipts = await self._publisher.publish(events) if events else []
        return [
            _replayed(event, receipt if _is_sent(receipt) else await self._send_alone(event))
            for event, receipt in zip(events, receipts, strict=True)
        ]

    async def _send_alone(self, event: OrderEvent) -> Receipt:
        """Send an event that may have failed for the fault of another, until there is an answer."""
        reason = ""
        for pause in PAUSES_SECONDS:
            await self._clock.sleep(pause)
            (receipt,) = await self._publisher.publish([event])
            if receipt.outcome is not Outcome.UNKNOWN:
                return receipt
            reason = receipt.reason
        raise EventsUnavailable(reason)


def _is_sent(receipt: Receipt) -> bool:
    return receipt.outcome is Outcome.ACKNOWLEDGED


def _replayed(event: OrderEvent, receipt: Receipt) -> Replayed:
    fate = Fate.SENT if _is_sent(receipt) else Fate.REFUSED
    return Replayed(event.order_id, event.version, fate, receipt.reason)


async def batched(items: AsyncIterable[T], most: int) -> AsyncIterator[list[T]]:
    """Give the items in lists of so many, the last one shorter."""
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == most:
            yield batch
            batch = []
    if batch:
        yield batch
