"""The port `Backlog`: what waits, what is set aside, and what each order last was."""

from collections.abc import AsyncIterable
from datetime import timedelta
from typing import TypeVar

from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.ports.backlog import Failure, Lease, StoredOrder, WaitingOrder
from core.ports.storage import LEASE, Storage, Written
from tests.contract.ports.examples import (
    LATER,
    MILLISECOND,
    NOON,
    TRACE,
    a_change,
    an_order,
    claim,
    claim_due,
    stored,
)

REASON = "too large"
T = TypeVar("T", WaitingOrder, StoredOrder)


async def all_of(found: AsyncIterable[T], *orders: Order) -> list[T]:
    """Give those of these orders that come, in the order in which they come."""
    wanted = {order.id for order in orders}
    return [one async for one in found if id_of(one) in wanted]


def id_of(found: WaitingOrder | StoredOrder) -> Id:
    return found.order_id if isinstance(found, WaitingOrder) else found.latest.order_id


async def set_aside(storage: Storage, versions: int = 1, after: timedelta = timedelta(0)) -> Order:
    """Store an order whose first version was refused."""
    order = await stored(storage, "me", versions=versions)
    event = OrderEvent(order.id, 1, a_change(order))
    assert await storage.outbox.fail("me", event, REASON, NOON + after, 4)
    return order


async def waiting_versions(storage: Storage, order: Order) -> tuple[int, ...]:
    (found,) = await storage.backlog.get([order.id])
    return found.waiting


async def test_what_waits_is_told_with_its_versions_its_age_and_its_lease(storage: Storage) -> None:
    """How many, from which version to which, the oldest made at `since`; a lease."""
    order = await stored(storage, "me", versions=2)
    await storage.orders.replace(order, a_change(order, NOON + MILLISECOND), "me")
    await storage.outbox.mark({order.id: 1})
    expected = WaitingOrder(order.id, 2, 3, 2, NOON, None, Lease("me", LATER))
    assert await all_of(storage.backlog.waiting(), order) == [expected]
    assert await storage.backlog.find(order.id) == expected


async def test_what_is_set_aside_waits_too_and_has_a_failure_instead_of_a_lease(
    storage: Storage,
) -> None:
    """Those that are set aside included; a `failure` or a `lease`, never both."""
    order = await set_aside(storage, versions=2)
    expected = WaitingOrder(order.id, 1, 2, 2, NOON, Failure(1, REASON, NOON, 4), None)
    assert await all_of(storage.backlog.waiting(), order) == [expected]
    assert await all_of(storage.backlog.failed(), order) == [expected]
    assert await storage.backlog.find(order.id) == expected


async def test_of_what_is_delivered_nothing_waits(storage: Storage) -> None:
    """Every order of which something waits; or None."""
    order = await stored(storage, "me")
    await storage.outbox.mark({order.id: 1})
    assert await all_of(storage.backlog.waiting(), order) == []
    assert await storage.backlog.find(order.id) is None
    assert await storage.backlog.find(an_order().id) is None


async def test_only_what_is_set_aside_has_failed_and_what_was_first_comes_first(
    storage: Storage,
) -> None:
    """The orders that are set aside, those that were first come first."""
    leased = await stored(storage, "me")
    late = await set_aside(storage, after=2 * LEASE)
    early = await set_aside(storage, after=LEASE)
    found = await all_of(storage.backlog.failed(), leased, late, early)
    assert [one.order_id for one in found] == [early.id, late.id]


async def test_what_is_retried_can_be_claimed_at_once_by_any_process(storage: Storage) -> None:
    """Take up again: as of `now` any process can claim them."""
    one, other = await set_aside(storage, versions=2), await set_aside(storage)
    assert await storage.backlog.retry([one.id, other.id], LATER) == {one.id, other.id}
    assert await claim_due(storage, "any", LATER - MILLISECOND, one, other) == {}
    assert await claim_due(storage, "any", LATER, one) == {one.id: [1, 2]}
    assert await all_of(storage.backlog.failed(), one, other) == []


async def test_only_what_is_set_aside_is_retried(storage: Storage) -> None:
    """Those of these orders that are set aside. Gives those that were."""
    failed, leased = await set_aside(storage), await stored(storage, "me")
    asked = [failed.id, leased.id, an_order().id]
    assert await storage.backlog.retry(asked, NOON) == {failed.id}
    assert await storage.backlog.retry(asked, NOON) == set()
    assert await claim(storage, "another", NOON, leased) == {}


async def test_what_is_retried_takes_changes_as_before(storage: Storage) -> None:
    """Take up again: the order is as any other that waits."""
    order = await set_aside(storage)
    await storage.backlog.retry([order.id], NOON)
    waiting = await storage.backlog.find(order.id)
    assert waiting == WaitingOrder(order.id, 1, 1, 1, NOON, None, Lease("", NOON))
    assert await claim(storage, "me", NOON, order) == {order.id: [1]}
    assert await storage.orders.replace(order, a_change(order), "me") == Written(2, 1)
    assert await storage.orders.replace(order, a_change(order), "another") == Written(3, None)


async def test_what_is_retried_can_be_set_aside_again(storage: Storage) -> None:
    """Take up again: the order is as any other that waits."""
    order = await set_aside(storage)
    await storage.backlog.retry([order.id], NOON)
    await claim(storage, "me", NOON, order)
    event = OrderEvent(order.id, 1, a_change(order))
    assert await storage.outbox.fail("me", event, REASON, LATER, 4)
    found = await storage.backlog.find(order.id)
    assert found
    assert found.failure == Failure(1, REASON, LATER, 4)


async def test_what_is_discarded_is_removed_and_remembered_and_the_rest_is_taken_up(
    storage: Storage,
) -> None:
    """Remove the event, remember its version, and take up what waits behind it."""
    order = await set_aside(storage, versions=3)
    assert await storage.backlog.discard(order.id, 1, LATER)
    assert await all_of(storage.backlog.failed(), order) == []
    assert await claim_due(storage, "any", LATER, order) == {order.id: [2, 3]}
    (found,) = await storage.backlog.get([order.id])
    assert (found.waiting, found.discarded) == ((2, 3), (1,))


async def test_an_order_of_which_the_last_event_is_discarded_takes_changes_as_before(
    storage: Storage,
) -> None:
    """Take up what waits behind it: nothing does."""
    order = await set_aside(storage)
    assert await storage.backlog.discard(order.id, 1, NOON)
    assert await storage.backlog.find(order.id) is None
    assert await storage.orders.replace(order, a_change(order), "another") == Written(2, 2)


async def test_several_versions_can_be_discarded_one_after_the_other(storage: Storage) -> None:
    """Remember its version."""
    order = await set_aside(storage, versions=2)
    await storage.backlog.discard(order.id, 1, NOON)
    await claim(storage, "me", NOON, order)
    event = OrderEvent(order.id, 2, a_change(order))
    assert await storage.outbox.fail("me", event, REASON, NOON, 4)
    assert await storage.backlog.discard(order.id, 2, NOON)
    (found,) = await storage.backlog.get([order.id])
    assert found.discarded == (1, 2)


async def test_only_the_version_is_discarded_for_which_the_order_is_set_aside(
    storage: Storage,
) -> None:
    """Only where the order is set aside for that version and it is the first that waits."""
    failed, leased = await set_aside(storage, versions=2), await stored(storage, "me")
    assert not await storage.backlog.discard(failed.id, 2, NOON)
    assert not await storage.backlog.discard(leased.id, 1, NOON)
    assert not await storage.backlog.discard(an_order().id, 1, NOON)
    assert await waiting_versions(storage, failed) == (1, 2)
    assert await waiting_versions(storage, leased) == (1,)
    assert await storage.backlog.discard(failed.id, 1, NOON)
    assert not await storage.backlog.discard(failed.id, 1, NOON)


async def test_the_latest_event_is_the_one_that_was_sent_byte_for_byte(storage: Storage) -> None:
    """The latest event is equal, byte for byte, to the one that was or will be sent."""
    order = an_order('"é\u2028😀', "0.1000000000000000000000000000000001", items=2)
    change = a_change(order, NOON + MILLISECOND, EventType.CREATED, TRACE)
    await storage.orders.add(order, change, "me")
    ((claimed,),) = [one.events for one in await storage.outbox.claim("me", NOON, [order.id])]
    for marked in (0, 1):
        await storage.outbox.mark({order.id: marked})
        (found,) = await storage.backlog.get([order.id])
        assert found.latest == claimed == OrderEvent(order.id, 1, change)
        assert found.latest.headers() == claimed.headers()


async def test_the_latest_event_is_that_of_the_present_version(storage: Storage) -> None:
    """The event of its present version, the versions that wait."""
    order = await stored(storage, "me", versions=2)
    other = Order(order.id, order.customer_id, order.price, (Item(order.id, 1),), "sent", 3)
    change = Change(EventType.UPDATED, LATER, None, other.to_json())
    await storage.orders.replace(other, change, "me")
    await storage.outbox.mark({order.id: 1})
    (found,) = await storage.backlog.get([order.id])
    assert found == StoredOrder(OrderEvent(order.id, 3, change), (2, 3), ())


async def test_those_of_some_orders_are_given_that_are_stored(storage: Storage) -> None:
    """Those of these orders that are stored, in any order."""
    orders = [await stored(storage, "me") for _ in range(3)]
    asked = [orders[0].id, an_order().id, orders[2].id]
    found = await storage.backlog.get(asked)
    assert {one.latest.order_id for one in found} == {orders[0].id, orders[2].id}
    assert list(await storage.backlog.get([])) == []


async def test_every_order_is_given_once(storage: Storage) -> None:
    """Every order, each once."""
    orders = [await stored(storage, "me", versions=1 + number % 2) for number in range(1_100)]
    found = await all_of(storage.backlog.orders(), *orders)
    assert len(found) == len(orders)
    assert {one.latest.order_id: one.waiting for one in found} == {
        order.id: tuple(range(1, 2 + number % 2)) for number, order in enumerate(orders)
    }
    assert len(await all_of(storage.backlog.waiting(), *orders)) == len(orders)
    assert len(await all_of(storage.backlog.changed_since(NOON), *orders)) == len(orders)


async def test_orders_that_changed_since_are_those_of_that_moment_or_later(
    storage: Storage,
) -> None:
    """Whose latest change was made at `time` or later."""
    moment = NOON + timedelta(days=1)
    before = await stored(storage, "me", moment - MILLISECOND)
    exactly = await stored(storage, "me", moment)
    again = await stored(storage, "me", NOON)
    await storage.orders.replace(again, a_change(again, moment + MILLISECOND), "me")
    found = await all_of(storage.backlog.changed_since(moment), before, exactly, again)
    assert {one.latest.order_id for one in found} == {exactly.id, again.id}


async def test_what_is_discarded_waits_no_more_and_is_no_latest_event_that_was_sent(
    storage: Storage,
) -> None:
    """Those that were discarded."""
    order = await set_aside(storage)
    await storage.backlog.discard(order.id, 1, NOON)
    (found,) = await storage.backlog.get([order.id])
    assert (found.latest.version, found.waiting, found.discarded) == (1, (), (1,))
