"""The port `Orders`."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from orderport import (
    LEASE,
    MOST_WAITING_BYTES,
    EventType,
    Order,
    OrderEvent,
    Overloaded,
    Storage,
    Written,
)
from orderport.testing.examples import (
    LATER,
    MILLISECOND,
    NOON,
    TRACE,
    a_change,
    an_order,
    claim,
    new_id,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks

WRITE_BYTES = MOST_WAITING_BYTES // 64


async def events(storage: Storage, order: Order) -> list[OrderEvent]:
    """Give what waits of an order, up to what one claim brings, and take its lease."""
    much_later = NOON + 1_000 * LEASE
    claimed = await storage.outbox.claim("the test", much_later, [order.id])
    return [event for claim in claimed for event in claim.events]


def an_order_of(size: int) -> Order:
    """Make an order of which the event has so many bytes."""
    order = an_order(status="")
    an_item = len(an_order(status="", items=2).to_json()) - len(order.to_json())
    items, rest = divmod(size - len(order.to_json()), an_item)
    order = replace(order, items=order.items * (items + 1), status="x" * rest)
    assert len(order.to_json()) == size
    return order


def took_lease(written: Written | None) -> bool:
    """Tell whether the write took the lease."""
    assert written
    assert written.leased_from is None or 0 < written.leased_from <= written.version
    return written.leased_from == written.version


class OrdersChecks(StorageChecks):
    """The port `Orders`."""

    @promise(
        "Orders, each stored ... with the event of its change.",
        "Store a new order as version 1, its event...",
    )
    async def test_a_new_order_is_stored_as_version_1_with_its_event(
        self, storage: Storage
    ) -> None:
        order = an_order()
        assert await storage.orders.get(order.id) is None
        change = a_change(order, type_=EventType.CREATED, traceparent=TRACE)
        await storage.orders.add(order.at(7), change, "me")
        assert await storage.orders.get(order.id) == order
        assert await events(storage, order) == [OrderEvent(order.id, 1, change)]

    @promise(
        "Replace the order whatever its version, `order.version` included, and append the event of its change.",
    )
    async def test_an_order_is_replaced_whole_whatever_its_version(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        change = Order(
            order.id, new_id(), Decimal("0.01"), an_order(items=3).items, "paid", version=99
        )
        written = await storage.orders.replace(change, a_change(change, traceparent=TRACE), "me")
        assert written is not None
        assert written.version == 2
        assert await storage.orders.get(order.id) == replace(change, version=2)
        assert (await events(storage, order))[1:] == [
            OrderEvent(order.id, 2, a_change(change, traceparent=TRACE))
        ]

    @promise("Equal values come back equal...")
    async def test_an_event_read_back_is_equal_byte_for_byte(self, storage: Storage) -> None:
        order = an_order(status="é€😀 $x", price="0." + "1" * 34, items=2)
        change = a_change(order, NOON + MILLISECOND, EventType.CREATED, TRACE)
        await storage.orders.add(order, change, "me")
        (event,) = await events(storage, order)
        assert event.change.value == order.to_json()
        assert event.headers() == OrderEvent(order.id, 1, change).headers()
        assert event.change.time == change.time

    @promise(
        "Storage counts the version ... so of concurrent calls each makes a version and an event of its own, "
        "without a gap.",
    )
    async def test_concurrent_changes_make_a_version_and_an_event_each(
        self, storage: Storage
    ) -> None:
        order = await stored(storage, "me")
        changes = [replace(order, status=f"status {number}") for number in range(50)]
        written = await asyncio.gather(
            *(storage.orders.replace(change, a_change(change), "me") for change in changes)
        )
        values = {
            answer.version: change.to_json()
            for answer, change in zip(written, changes, strict=True)
            if answer
        }
        assert sorted(values) == list(range(2, 52))
        kept = await storage.orders.get(order.id)
        assert kept is not None
        assert (kept.version, kept.to_json()) == (51, values[51])

        found: list[OrderEvent] = []
        while some := await events(storage, order):
            found += some
            await storage.outbox.mark({order.id: some[-1].version})
        assert [event.version for event in found] == list(range(1, 52))
        assert {event.version: event.change.value for event in found[1:]} == values

    @promise("Storage ... decides who takes the lease...")
    async def test_of_concurrent_changes_one_takes_the_lease(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        await storage.outbox.mark({order.id: 1})
        written = await asyncio.gather(
            *(
                storage.orders.replace(order, a_change(order), f"process {number}")
                for number in range(50)
            )
        )
        assert [answer.version for answer in written if answer and took_lease(answer)] == [2]

    @promise("None where there is no such order.")
    async def test_no_order_is_replaced_where_there_is_none(self, storage: Storage) -> None:
        order = an_order()
        assert await storage.orders.replace(order, a_change(order), "me") is None
        assert await storage.orders.get(order.id) is None
        assert await events(storage, order) == []

    @promise(
        "Store a new order as version 1 ... and the lease of `who`.",
        "A write whose order had no waiting event takes the lease on it ... until LEASE after the change's "
        "time.",
    )
    async def test_the_first_write_takes_the_lease(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        assert await claim(storage, "another", LATER - MILLISECOND, order) == {}
        assert await claim(storage, "another", LATER, order) == {order.id: [1]}

    @promise("A write whose order had no waiting event takes the lease on it...")
    async def test_a_write_behind_a_waiting_event_leaves_the_lease_as_it_is(
        self, storage: Storage
    ) -> None:
        order = await stored(storage, "me")
        much_later = a_change(order, LATER + LEASE)
        for who in ("me", "another"):
            assert not took_lease(await storage.orders.replace(order, much_later, who))
        assert await claim(storage, "another", LATER - MILLISECOND, order) == {}
        assert await claim(storage, "another", LATER, order) == {order.id: [1, 2, 3]}
        for who in ("another", "me"):
            assert not took_lease(await storage.orders.replace(order, much_later, who))

    @promise(
        "A write whose order had no waiting event takes the lease on it for `who`, from its own version on, "
        "until LEASE after the change's time.",
        "`version` is the change's.",
        "`leased_from` equals it where this write took the lease, so that nothing older waits...",
    )
    async def test_a_write_with_nothing_before_it_takes_the_lease_from_its_version_on(
        self,
        storage: Storage,
    ) -> None:
        order = await stored(storage, "another", versions=2)
        await storage.outbox.mark({order.id: 2})
        change = a_change(order, LATER)
        assert await storage.orders.replace(order, change, "me") == Written(3, 3)
        for who in ("me", "another"):
            assert not took_lease(await storage.orders.replace(order, change, who))
        assert await claim(storage, "another", LATER + LEASE - MILLISECOND, order) == {}
        assert await claim(storage, "another", LATER + LEASE, order) == {order.id: [3, 4, 5]}

    @promise(
        "What storage decided about a change of an order.",
        "`leased_from` ... else it is an earlier version or None.",
    )
    async def test_a_write_behind_what_was_claimed_or_marked_in_part_takes_no_lease(
        self,
        storage: Storage,
    ) -> None:
        order = await stored(storage, "another", versions=3)
        await storage.outbox.mark({order.id: 1})
        for claimer in ("another", "me"):
            await claim(storage, claimer, LATER, order)
            for who in ("me", "another"):
                assert not took_lease(await storage.orders.replace(order, a_change(order), who))
        await storage.outbox.mark({order.id: 6})
        assert not took_lease(await storage.orders.replace(order, a_change(order), "me"))

    @promise(
        "Raises `Overloaded`, and changes nothing, where the waiting values of this order already come to "
        "MOST_WAITING_BYTES.",
        "An order whose waiting values come to this many bytes takes no further change until some have left.",
    )
    async def test_an_order_of_which_too_much_waits_takes_no_change(self, storage: Storage) -> None:
        order, other = an_order_of(WRITE_BYTES), await stored(storage, "me")
        change = a_change(order)
        await storage.orders.add(order, change, "me")
        accepted = MOST_WAITING_BYTES // WRITE_BYTES
        for version in range(2, accepted + 1):
            written = await storage.orders.replace(order, change, "me")
            assert written
            assert written.version == version
        for _ in range(2):
            with pytest.raises(Overloaded):
                await storage.orders.replace(replace(order, status="paid"), change, "me")
        assert await storage.orders.get(order.id) == order.at(accepted)
        assert await storage.orders.replace(other, a_change(other), "me")

        await storage.outbox.mark({order.id: 1})
        assert await storage.orders.replace(order, change, "me")
        with pytest.raises(Overloaded):
            await storage.orders.replace(order, change, "me")

    @promise("Give the order, or None.")
    async def test_reading_an_order_tells_nothing_of_what_waits(self, storage: Storage) -> None:
        order = await stored(storage, "me", versions=3)
        assert await storage.orders.get(order.id) == order.at(3)
        await storage.outbox.mark({order.id: 3})
        assert await storage.orders.get(order.id) == order.at(3)
