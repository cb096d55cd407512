"""Whether storage and topic agree: nothing lost, nothing invented, nothing out of order.

It is right while the service is at work, since it reads in this order: how the orders stand, then how far the topic
reaches, then the topic up to there, and at the end once more the orders that seem not to agree.
"""

import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from core.domain.events import event_id, parse_event
from core.domain.ids import Id
from core.ports.backlog import Backlog, StoredOrder
from core.ports.events import EventLog, Message
from core.ports.sorting import Row, Sorter
from core.use_cases.judging import (
    DISAGREEMENTS,
    FOREVER,
    Copy,
    Facts,
    Findings,
    Kind,
    digest,
    disagree,
    judge,
    milliseconds,
)
from core.use_cases.operations import batched

MOST_LISTED = 100
BATCH = 1_000

_copy = struct.Struct("<iq16s")


class Stage(StrEnum):
    """What a verification is at."""

    ORDERS = "reading orders"
    EVENTS = "reading events"
    COMPARING = "comparing"


Progress = Callable[[Stage, int, int | None], None]
"""Is told how much of a stage is done, and of how much, where that is known."""


@dataclass(slots=True)
class Finding:
    """How many events are of a kind, and the first of them by their `ce_id`."""

    count: int = 0
    events: list[str] = field(default_factory=list)

    def add(self, event: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.events) < MOST_LISTED:
            self.events.append(event)


@dataclass(slots=True)
class Verification:
    """What was found, and in how much: orders in storage, messages on the topic."""

    orders: int = 0
    messages: int = 0
    findings: Mapping[Kind, Finding] = field(
        default_factory=lambda: {kind: Finding() for kind in Kind}
    )

    @property
    def agrees(self) -> bool:
        """Whether storage and topic agree; repeats and what waits are no disagreement."""
        return not any(self.findings[kind].count for kind in DISAGREEMENTS)

    def add(self, order_id: Id, findings: Findings) -> None:
        """Take in what was found about one order."""
        for kind, versions in findings.items():
            for version in versions:
                self.findings[kind].add(event_id(order_id, version))


@dataclass(frozen=True, slots=True)
class _Group:
    """All that is known of one order."""

    order_id: Id
    facts: Facts | None
    copies: Sequence[Copy]


class VerifyEvents:
    """Compare storage with the topic. Works once: `sorter` takes all that is read."""

    def __init__(
        self, backlog: Backlog, event_log: EventLog, sorter: Sorter, progress: Progress
    ) -> None:
        self._backlog = backlog
        self._log = event_log
        self._sorter = sorter
        self._progress = progress
        self._horizon: dict[int, int | None] = {}
        self._verification = Verification()

    async def __call__(self) -> Verification:
        """Read everything and compare. Raises `StorageUnavailable`, `EventsUnavailable`."""
        await self._read_orders()
        await self._read_events()
        await self._compare()
        return self._verification

    async def _read_orders(self) -> None:
        rows = (_order_row(order) async for order in self._backlog.orders())
        async for batch in batched(rows, BATCH):
            self._sorter.add(batch)
            self._verification.orders += len(batch)
            self._progress(Stage.ORDERS, self._verification.orders, None)

    async def _read_events(self) -> None:
        ends = await self._log.ends()
        reached = dict.fromkeys(ends, 0)
        self._horizon = dict.fromkeys(ends)
        async for messages in self._log.read(ends):
            for message in messages:
                if message.offset > reached[message.partition]:  # some before it are gone
                    self._horizon[message.partition] = message.sent
                reached[message.partition] = message.offset + 1
            self._sorter.add(self._message_rows(messages))
            self._progress(Stage.EVENTS, sum(reached.values()), sum(ends.values()))
        for partition, end in ends.items():
            if reached[partition] < end:
                self._horizon[partition] = FOREVER

    def _message_rows(self, messages: Sequence[Message]) -> Iterator[Row]:
        for message in messages:
            self._verification.messages += 1
            event = parse_event(message.key, message.headers, message.value)
            if event is None:
                place = f"partition {message.partition}, offset {message.offset}: no event of ours"
                self._verification.findings[Kind.INVENTED].add(place)
            else:
                copy = _copy.pack(message.partition, milliseconds(event), digest(event))
                yield event.order_id, event.version, self._verification.messages, copy

    async def _compare(self) -> None:
        doubtful: list[_Group] = []
        rows = groupby(self._sorter.in_order(), key=itemgetter(0))
        for number, (order_id, of_order) in enumerate(rows, 1):
            group = _read_group(Id(order_id), of_order)
            findings = judge(group.facts, group.facts, group.copies, self._horizon)
            if disagree(findings):
                doubtful.append(group)
            else:
                self._verification.add(group.order_id, findings)
            if len(doubtful) == BATCH:
                await self._look_again(doubtful)
                doubtful.clear()
            if number % BATCH == 0:
                self._progress(Stage.COMPARING, number, self._verification.orders)
        await self._look_again(doubtful)

    async def _look_again(self, doubtful: Sequence[_Group]) -> None:
        """Judge orders by how they stand by now: they may have been stored, or changed, while the topic was read."""
        found = await self._backlog.get([group.order_id for group in doubtful])
        now = {order.latest.order_id: _facts(order) for order in found}
        for group in doubtful:
            facts = now.get(group.order_id)
            self._verification.add(
                group.order_id, judge(group.facts, facts, group.copies, self._horizon)
            )


def _facts(order: StoredOrder) -> Facts:
    event = order.latest
    return Facts(event.version, milliseconds(event), digest(event), order.waiting, order.discarded)


def _order_row(order: StoredOrder) -> Row:
    """Give how an order stands as a row before all of its messages', whose versions begin with 1."""
    facts = _facts(order)
    told = [facts.version, facts.made, facts.digest.hex(), facts.waiting, facts.discarded]
    return order.latest.order_id, 0, 0, json.dumps(told).encode()


def _read_group(order_id: Id, rows: Iterator[Row]) -> _Group:
    facts: Facts | None = None
    copies: list[Copy] = []
    for _, version, position, told in rows:
        if version:
            copies.append(Copy(version, position, *_copy.unpack(told)))
        else:
            number, made, hexadecimal, waiting, discarded = json.loads(told)
            facts = Facts(number, made, bytes.fromhex(hexadecimal), waiting, discarded)
    return _Group(order_id, facts, copies)
