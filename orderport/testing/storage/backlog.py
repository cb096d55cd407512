"""The port `Backlog`: what waits, what is set aside, and what each order last was."""

from collections import defaultdict
from collections.abc import AsyncIterable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar

from orderport import (
    LEASE,
    MAX_INT,
    Change,
    EventType,
    Failure,
    Id,
    Item,
    Lease,
    Order,
    OrderEvent,
    Storage,
    StoredOrder,
    WaitingOrder,
)
from orderport.testing.examples import (
    LATER,
    MILLISECOND,
    NOON,
    REASON,
    TRACE,
    a_change,
    an_order,
    many_stored,
    set_aside,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks

T = TypeVar("T", WaitingOrder, StoredOrder)


async def all_of(found: AsyncIterable[T], *orders: Order) -> list[T]:
    """Give those of these orders that come, in the order in which they come."""
    wanted = {order.id for order in orders}
    return [one async for one in found if id_of(one) in wanted]


def id_of(found: WaitingOrder | StoredOrder) -> Id:
    """Give the id of the order that this is about."""
    return found.order_id if isinstance(found, WaitingOrder) else found.latest.order_id


async def deliver(storage: Storage, orders: Collection[Order]) -> None:
    """Mark all that waits of these orders, so that other checks do not meet them all."""
    await storage.outbox.mark({order.id: MAX_INT for order in orders})


async def waiting_versions(storage: Storage, order: Order) -> tuple[int, ...]:
    """Give the versions of an order that wait."""
    (found,) = await storage.backlog.get([order.id])
    return found.waiting


class BacklogChecks(StorageChecks):
    """The port `Backlog`."""

    @promise(
        "An order with events that wait: how many, from which version to which, the oldest made at `since`.",
        "Which process takes care of an order, and until when...",
    )
    async def test_what_waits_is_told_with_its_versions_its_age_and_its_lease(
        self, storage: Storage
    ) -> None:
        order = await stored(storage, "me", versions=2)
        await storage.orders.replace(order, a_change(order, NOON + MILLISECOND), "me")
        await storage.outbox.mark({order.id: 1})
        expected = WaitingOrder(order.id, 2, 3, 2, NOON, None, Lease("me", LATER))
        assert await all_of(storage.backlog.waiting(), order) == [expected]
        assert await storage.backlog.find(order.id) == expected

    @promise(
        "Give every order of which something waits, those that are set aside included.",
        "It is set aside for a `failure` or has a `lease`, never both.",
        "Why an order is set aside: this version was refused for good, after so many tries.",
    )
    async def test_what_is_set_aside_waits_too_and_has_a_failure_instead_of_a_lease(
        self,
        storage: Storage,
    ) -> None:
        order = await set_aside(storage, versions=2)
        expected = WaitingOrder(order.id, 1, 2, 2, NOON, Failure(1, REASON, NOON, 4), None)
        assert await all_of(storage.backlog.waiting(), order) == [expected]
        assert await all_of(storage.backlog.failed(), order) == [expected]
        assert await storage.backlog.find(order.id) == expected

    @promise(
        "Give every order of which something waits...",
        "Give this order if something of it waits, or None.",
    )
    async def test_of_what_is_delivered_nothing_waits(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        await storage.outbox.mark({order.id: 1})
        assert await all_of(storage.backlog.waiting(), order) == []
        assert await storage.backlog.find(order.id) is None
        assert await storage.backlog.find(an_order().id) is None

    @promise("Give the orders that are set aside, those that were first come first.")
    async def test_only_what_is_set_aside_has_failed_and_what_was_first_comes_first(
        self,
        storage: Storage,
    ) -> None:
        leased = await stored(storage, "me")
        late = await set_aside(storage, after=2 * LEASE)
        early = [await set_aside(storage, after=LEASE) for _ in range(2)]
        found = [
            one.order_id for one in await all_of(storage.backlog.failed(), leased, late, *early)
        ]
        assert set(found[:2]) == {order.id for order in early}
        assert found[2:] == [late.id]

    @promise("The latest event is equal, byte for byte, to the one that was or will be sent.")
    async def test_the_latest_event_is_the_one_that_was_sent_byte_for_byte(
        self, storage: Storage
    ) -> None:
        order = an_order('"é\u2028😀', "0.1000000000000000000000000000000001", items=2)
        change = a_change(order, NOON + MILLISECOND, EventType.CREATED, TRACE)
        await storage.orders.add(order, change, "me")
        ((claimed,),) = [one.events for one in await storage.outbox.claim("me", NOON, [order.id])]
        for marked in (0, 1):
            await storage.outbox.mark({order.id: marked})
            (found,) = await storage.backlog.get([order.id])
            assert found.latest == claimed == OrderEvent(order.id, 1, change)
            assert found.latest.headers() == claimed.headers()

    @promise("How an order stands: the event of its present version, the versions that wait...")
    async def test_the_latest_event_is_that_of_the_present_version(self, storage: Storage) -> None:
        order = await stored(storage, "me", versions=2)
        other = Order(order.id, order.customer_id, order.price, (Item(order.id, 1),), "sent", 3)
        change = Change(EventType.UPDATED, LATER, None, other.to_json())
        await storage.orders.replace(other, change, "me")
        await storage.outbox.mark({order.id: 1})
        (found,) = await storage.backlog.get([order.id])
        assert found == StoredOrder(OrderEvent(order.id, 3, change), (2, 3), ())

    @promise("Give those of these orders that are stored, in any order.")
    async def test_those_of_some_orders_are_given_that_are_stored(self, storage: Storage) -> None:
        orders = [await stored(storage, "me") for _ in range(3)]
        asked = [orders[0].id, an_order().id, orders[2].id]
        found = await storage.backlog.get(asked)
        assert {one.latest.order_id for one in found} == {orders[0].id, orders[2].id}
        assert list(await storage.backlog.get([])) == []

    @promise("Give every order, each once.")
    async def test_every_order_is_given_once(self, storage: Storage) -> None:
        orders = await many_stored(storage, 1_100)
        found = await all_of(storage.backlog.orders(), *orders)
        assert len(found) == len(orders)
        assert {one.latest.order_id: one.waiting for one in found} == {
            order.id: tuple(range(1, 2 + number % 2)) for number, order in enumerate(orders)
        }
        assert len(await all_of(storage.backlog.waiting(), *orders)) == len(orders)
        assert len(await all_of(storage.backlog.changed_since(NOON), *orders)) == len(orders)
        await deliver(storage, orders)

    @promise(
        "Give every order whose latest change was made at `time` or later; `time` is of whole milliseconds.",
    )
    async def test_orders_that_changed_since_are_those_of_that_moment_or_later(
        self,
        storage: Storage,
    ) -> None:
        moment = NOON + timedelta(days=1)
        before = await stored(storage, "me", moment - MILLISECOND)
        exactly = await stored(storage, "me", moment)
        again = await stored(storage, "me", NOON)
        await storage.orders.replace(again, a_change(again, moment + MILLISECOND), "me")
        found = await all_of(storage.backlog.changed_since(moment), before, exactly, again)
        assert {one.latest.order_id for one in found} == {exactly.id, again.id}

    @promise("How an order stands ... those that were discarded.")
    async def test_what_is_discarded_waits_no_more_and_is_no_latest_event_that_was_sent(
        self,
        storage: Storage,
    ) -> None:
        order = await set_aside(storage)
        await storage.backlog.discard(order.id, 1, NOON)
        (found,) = await storage.backlog.get([order.id])
        assert (found.latest.version, found.waiting, found.discarded) == (1, (), (1,))

    @promise(
        "Iterators hold a bounded part in memory, and give what changes while they run as it was, as it is, or not "
        "at all.",
        "Give every order, each once.",
    )
    async def test_what_changes_while_it_is_read_comes_as_it_was_or_as_it_is_or_not_at_all(
        self, storage: Storage
    ) -> None:
        orders = await many_stored(storage, 300)
        steady, changing = orders[::2], iter(orders[1::2])
        seen: dict[Id, list[StoredOrder]] = defaultdict(list)
        async for found in storage.backlog.orders():
            seen[found.latest.order_id].append(found)
            if order := next(changing, None):
                await storage.orders.replace(order, a_change(order), "me")
                await storage.outbox.mark({order.id: 1})
        await deliver(storage, orders)
        ways = {
            order.id: [(one.latest.version, one.waiting) for one in seen[order.id]]
            for order in orders
        }
        assert [ways[order.id] for order in steady] == [[(1, (1,))]] * len(steady)
        possible: Sequence[object] = (
            [(1, (1,))],
            [(2, (1, 2))],
            [(3, (1, 2, 3))],
            [(3, (2, 3))],
            [],
        )
        assert [found for found in ways.values() if found not in possible] == []
