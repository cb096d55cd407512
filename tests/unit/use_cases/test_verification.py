"""The use case that compares storage with the topic."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.events import Change, EventType, OrderEvent
from core.domain.orders import Order
from core.ports.events import Message
from core.ports.sorting import Row
from core.use_cases.judging import Kind
from core.use_cases.verification import MOST_LISTED, Stage, Verification, VerifyEvents
from tests.doubles.clock import NOON, CountedIds, counted_id
from tests.doubles.event_log import MemoryEventLog, to_message


class ListSorter:
    """The port `Sorter`, in memory."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(self, rows: Iterable[Row]) -> None:
        self._rows.extend(rows)

    def in_order(self) -> Iterator[Row]:
        return iter(sorted(self._rows))


class Shop:
    """Orders in storage and their messages on a topic."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.log = MemoryEventLog()
        self.new_id = CountedIds()
        self.progress: list[tuple[Stage, int, int | None]] = []

    async def place(self, *, delivered: bool = True, after: timedelta = timedelta(0)) -> OrderEvent:
        order = Order(self.new_id(), counted_id(0xA), Decimal(1), (), "new")
        change = Change(EventType.CREATED, NOON + after, None, order.to_json())
        await self.storage.orders.add(order, change, "me")
        return await self._deliver(OrderEvent(order.id, 1, change), delivered=delivered)

    async def update(self, event: OrderEvent, *, delivered: bool = True) -> OrderEvent:
        order = await self.storage.orders.get(event.order_id)
        assert order
        change = replace(event.change, type=EventType.UPDATED)
        written = await self.storage.orders.replace(order, change, "me")
        assert written
        changed = OrderEvent(order.id, written.version, change)
        return await self._deliver(changed, delivered=delivered)

    async def _deliver(self, event: OrderEvent, *, delivered: bool) -> OrderEvent:
        if delivered:
            self.log.put(event)
            await self.storage.outbox.mark({event.order_id: event.version})
        return event

    async def verify(self, log: MemoryEventLog | None = None) -> Verification:
        def progress(stage: Stage, done: int, total: int | None) -> None:
            self.progress.append((stage, done, total))

        verification = VerifyEvents(self.storage.backlog, log or self.log, ListSorter(), progress)
        return await verification()


def found(verification: Verification) -> dict[Kind, list[str]]:
    return {kind: one.events for kind, one in verification.findings.items() if one.count}


def event_id(event: OrderEvent) -> str:
    return dict(event.headers())["ce_id"]


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_what_was_stored_and_delivered_agrees(shop: Shop) -> None:
    event = await shop.place()
    await shop.update(event)
    await shop.place()
    verification = await shop.verify()
    assert found(verification) == {}
    assert verification.agrees
    assert (verification.orders, verification.messages) == (2, 3)


async def test_nothing_agrees_with_nothing(shop: Shop) -> None:
    assert (await shop.verify()).agrees


async def test_faults_of_every_kind_are_told_by_id(shop: Shop) -> None:
    lost = await shop.place()
    waiting = await shop.place(delivered=False)
    repeated = await shop.place()
    wrong = await shop.place()
    invented = OrderEvent(counted_id(0xFFFF), 1, lost.change)
    for messages in shop.log.partitions.values():
        messages[:] = [
            replace(m, value=b"{}") if m.key == wrong.order_id.encode() else m
            for m in messages
            if m.key != lost.order_id.encode()
        ]
    shop.log.put(repeated, invented)
    # Where a message was taken out, the test's topic has a hole, which retention would have made: close it.
    for number, messages in shop.log.partitions.items():
        shop.log.partitions[number] = [replace(m, offset=n) for n, m in enumerate(messages)]

    async def ends() -> Mapping[int, int]:
        return {number: len(messages) for number, messages in shop.log.partitions.items()}

    shop.log.ends = ends  # type: ignore[method-assign]
    verification = await shop.verify()
    assert not verification.agrees
    assert found(verification) == {
        Kind.LOST: [event_id(lost)],
        Kind.INVENTED: [event_id(invented)],
        Kind.WRONG_CONTENT: [event_id(wrong)],
        Kind.REPEATED: [event_id(repeated)],
        Kind.WAITING: [event_id(waiting)],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"key": b""},
        {"key": b"\xff"},
        {"headers": ()},
        {"headers": (("ce_sequence", b"0000000001"), ("ce_type", b"other"))},
    ],
)
async def test_a_message_that_is_none_of_ours_is_invented_and_told_by_its_place(
    shop: Shop, changes: Mapping[str, object]
) -> None:
    event = await shop.place()
    message = replace(to_message(event), partition=1, **changes)  # type: ignore[arg-type]
    offset = len(shop.log.partitions[1])
    shop.log.put_message(message)
    place = f"partition 1, offset {offset}: no event of ours"
    assert found(await shop.verify()) == {Kind.INVENTED: [place]}


async def test_lists_are_bounded_and_counts_are_not(shop: Shop) -> None:
    for _ in range(MOST_LISTED + 5):
        await shop.place(delivered=False)
    waiting = (await shop.verify()).findings[Kind.WAITING]
    assert (waiting.count, len(waiting.events)) == (MOST_LISTED + 5, MOST_LISTED)


async def test_what_retention_has_removed_is_unknown_and_what_is_younger_is_lost(
    shop: Shop,
) -> None:
    removed = await shop.place()
    left = await shop.update(removed)
    partition = int(removed.order_id, 16) % 2
    shop.log.remove(partition, before=1)
    young = await shop.place(delivered=False, after=timedelta(hours=1))
    await shop.storage.outbox.mark({young.order_id: 1})
    verification = await shop.verify()
    assert found(verification) == {
        Kind.UNKNOWN: [event_id(removed)],
        Kind.LOST: [event_id(young)],
    }
    assert left.version == 2


async def test_where_everything_was_removed_everything_is_unknown(shop: Shop) -> None:
    events = [await shop.place(), await shop.place()]
    for partition in shop.log.partitions:
        shop.log.remove(partition, before=1_000)
    assert found(await shop.verify()) == {Kind.UNKNOWN: [event_id(event) for event in events]}


class BusyLog(MemoryEventLog):
    """A topic to which a service adds before its end is asked for."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.partitions, self._ends = shop.log.partitions, shop.log._ends  # noqa: SLF001
        self._shop = shop
        self.new: list[OrderEvent] = []

    async def ends(self) -> Mapping[int, int]:
        for events in list(self.partitions.values()):
            for message in list(events)[:1]:
                order_id = message.key.decode()
                (stored,) = await self._shop.storage.backlog.get([counted_id(int(order_id, 16))])
                self.new.append(await self._shop.update(stored.latest))
        self.new.append(await self._shop.place())
        return await super().ends()

    async def read(self, ends: Mapping[int, int]) -> AsyncIterator[Sequence[Message]]:
        async for messages in super().read(ends):
            yield messages
        await self._shop.place()


async def test_what_a_service_adds_meanwhile_is_neither_invented_nor_lost(shop: Shop) -> None:
    for _ in range(4):
        await shop.place()
    log = BusyLog(shop)
    verification = await shop.verify(log)
    assert log.new
    assert found(verification) == {}
    assert verification.messages > verification.orders


async def test_many_doubts_are_settled_in_parts_and_progress_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.use_cases.verification.BATCH", 2)
    lost = [await shop.place(delivered=False) for _ in range(5)]
    await shop.storage.outbox.mark({event.order_id: 1 for event in lost})
    verification = await shop.verify()
    assert found(verification) == {Kind.LOST: [event_id(event) for event in lost]}
    assert (Stage.ORDERS, 4, None) in shop.progress
    assert (Stage.COMPARING, 4, 5) in shop.progress
