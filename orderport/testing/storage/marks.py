"""The port `Outbox`: what is delivered, and what is refused for good."""

import asyncio

import pytest

from orderport import Lease, Order, OrderEvent, Storage, WaitingOrder, Written
from orderport.testing.examples import (
    LATER,
    MILLISECOND,
    NOON,
    REASON,
    a_change,
    an_order,
    claim,
    claim_due,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks


async def fail(storage: Storage, who: str, order: Order, version: int) -> bool:
    """Tell whether an order could be set aside for that version."""
    event = OrderEvent(order.id, version, a_change(order))
    return await storage.outbox.fail(who, event, REASON, NOON, 4)


class MarksChecks(StorageChecks):
    """The port `Outbox`: what is delivered, and what is refused for good."""

    @promise("Remove what is delivered: of each order, the events up to that version...")
    async def test_what_is_delivered_is_removed(self, storage: Storage) -> None:
        one, other = (
            await stored(storage, "me", versions=3),
            await stored(storage, "me", versions=2),
        )
        await storage.outbox.mark({one.id: 2, other.id: 1})
        assert await claim(storage, "me", NOON, one, other) == {one.id: [3], other.id: [2]}

    @promise("Gives the orders among them of which something still waits.")
    async def test_orders_of_which_something_waits_are_told(self, storage: Storage) -> None:
        done, half = (
            await stored(storage, "me", versions=2),
            await stored(storage, "me", versions=2),
        )
        await stored(storage, "me")
        assert await storage.outbox.mark({an_order().id: 1, done.id: 2, half.id: 1}) == {half.id}
        assert await storage.outbox.mark({}) == set()

    @promise("Remove ... of each order, the events up to that version...")
    async def test_what_was_written_since_is_not_removed(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        await storage.orders.replace(order, a_change(order), "another")
        assert await storage.outbox.mark({order.id: 1}) == {order.id}
        assert await claim(storage, "me", NOON, order) == {order.id: [2]}

    @promise("The lease goes with the last event.")
    async def test_the_lease_goes_with_the_last_event(self, storage: Storage) -> None:
        order = await stored(storage, "me", versions=2)
        await storage.outbox.mark({order.id: 1})
        assert await claim(storage, "another", LATER - MILLISECOND, order) == {}
        await storage.outbox.mark({order.id: 2})
        assert await storage.orders.replace(order, a_change(order), "another") == Written(3, 3)

    @promise("It does not matter who holds it...")
    async def test_it_does_not_matter_who_holds_the_lease(self, storage: Storage) -> None:
        order = await stored(storage, "another", versions=2)
        assert await storage.outbox.mark({order.id: 1}) == {order.id}
        assert await claim(storage, "me", LATER - MILLISECOND, order) == {}
        assert await claim(storage, "another", NOON, order) == {order.id: [2]}

    @promise("It does not matter ... whether events were removed before.")
    async def test_it_does_not_matter_whether_events_were_removed_before(
        self, storage: Storage
    ) -> None:
        order = await stored(storage, "me", versions=3)
        for version in (2, 2, 1):
            assert await storage.outbox.mark({order.id: version}) == {order.id}
            assert await claim(storage, "me", NOON, order) == {order.id: [3]}
        for _ in range(2):
            assert await storage.outbox.mark({order.id: 3}) == set()

    @promise(
        "Remove ... the events up to that version...",
        "Orders, each stored in one atomic write with the event of its change.",
    )
    async def test_concurrent_marks_and_changes_lose_nothing(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        await asyncio.gather(
            *(storage.outbox.mark({order.id: 1}) for _ in range(25)),
            *(storage.orders.replace(order, a_change(order), "me") for _ in range(15)),
        )
        assert await claim(storage, "me", LATER, order) == {order.id: list(range(2, 17))}

    @promise(
        "Remove what is delivered: of each order, the events up to that version...",
        "Gives the orders among them of which something still waits.",
    )
    async def test_many_orders_are_marked_at_once(self, storage: Storage) -> None:
        orders = [await stored(storage, "me", versions=1 + number % 3) for number in range(60)]
        waiting = await storage.outbox.mark({order.id: 1 for order in orders})
        assert waiting == {order.id for number, order in enumerate(orders) if number % 3}

    @promise(
        "Set an order aside because its event is refused for good: no claim meets it again, later events wait.",
        "An order can be claimed when ... nothing of it is set aside...",
    )
    async def test_no_claim_meets_an_order_that_is_set_aside(self, storage: Storage) -> None:
        order = await stored(storage, "me", versions=2)
        assert await fail(storage, "me", order, 1)
        written = await storage.orders.replace(order, a_change(order), "me")
        assert written
        assert (written.version, written.leased_from == written.version) == (3, False)
        much_later = LATER + 100 * (LATER - NOON)
        for who in ("me", "another"):
            assert await claim(storage, who, much_later, order) == {}
            assert await claim_due(storage, who, much_later, order) == {}
        assert await storage.orders.get(order.id) == order.at(3)

    @promise("... no claim meets it again...")
    async def test_giving_up_brings_nothing_back_that_is_set_aside(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        assert await fail(storage, "me", order, 1)
        await storage.outbox.give_up("me", NOON)
        assert await claim_due(storage, "another", NOON, order) == {}

    @promise("Tells whether it was done: only where `who` holds the lease...")
    async def test_an_order_is_set_aside_where_who_holds_the_lease(self, storage: Storage) -> None:
        order = await stored(storage, "another")
        assert not await fail(storage, "me", order, 1)
        assert await claim(storage, "another", NOON, order) == {order.id: [1]}
        await claim(storage, "me", LATER, order)
        assert not await fail(storage, "another", order, 1)
        assert await fail(storage, "me", order, 1)

    @promise("Tells whether it was done: only where `who` holds the lease...")
    async def test_a_lease_that_is_past_is_held_until_another_takes_it(
        self, storage: Storage
    ) -> None:
        order = await stored(storage, "me")
        event = OrderEvent(order.id, 1, a_change(order))
        assert await storage.outbox.fail("me", event, REASON, LATER + (LATER - NOON), 4)

    @pytest.mark.parametrize("version", [1, 3])
    @promise("Tells whether it was done: only where ... the event is the first that waits.")
    async def test_an_order_is_set_aside_where_the_event_is_the_first(
        self, storage: Storage, version: int
    ) -> None:
        order = await stored(storage, "me", versions=3)
        await storage.outbox.mark({order.id: 1})
        assert not await fail(storage, "me", order, version)
        assert await claim(storage, "me", NOON, order) == {order.id: [2, 3]}
        assert await fail(storage, "me", order, 2)

    @promise("Tells whether it was done...")
    async def test_an_order_is_set_aside_once(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        assert await fail(storage, "me", order, 1)
        assert not await fail(storage, "me", order, 1)
        assert not await fail(storage, "me", an_order(), 1)

    @promise("Remove what is delivered ... and a failure among them.")
    async def test_a_delivered_event_is_no_failure_any_more(self, storage: Storage) -> None:
        one, other = await stored(storage, "me", versions=2), await stored(storage, "me")
        for order in (one, other):
            assert await fail(storage, "me", order, 1)
        assert await storage.outbox.mark({one.id: 1, other.id: 1}) == {one.id}
        assert await claim(storage, "another", NOON, one, other) == {one.id: [2]}
        written = await storage.orders.replace(other, a_change(other), "another")
        assert written == Written(2, 2)
        waiting = await storage.backlog.find(other.id)
        assert waiting == WaitingOrder(other.id, 2, 2, 1, NOON, None, Lease("another", LATER))

    @promise("Remove what is delivered ... and a failure among them.")
    async def test_a_failure_of_a_later_version_stays(self, storage: Storage) -> None:
        order = await stored(storage, "me", versions=3)
        await storage.outbox.mark({order.id: 1})
        assert await fail(storage, "me", order, 2)
        assert await storage.outbox.mark({order.id: 1}) == {order.id}
        assert await claim(storage, "me", LATER, order) == {}
