"""The port `Outbox`: who may claim what."""

import asyncio
from datetime import timedelta

from core.domain.ids import Id
from core.ports.storage import FARTHEST_LEASE, LEASE, MOST_CLAIMED_EVENTS, Storage
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
    versions_of,
)


async def test_an_order_can_be_claimed_when_something_waits(storage: Storage) -> None:
    """An order can be claimed when something waits."""
    order = await stored(storage, "another", versions=2)
    await storage.outbox.mark({order.id: 2})
    assert await claim(storage, "me", LATER, order) == {}
    assert await claim_due(storage, "me", LATER, order) == {}


async def test_an_order_can_be_claimed_when_its_lease_is_past(storage: Storage) -> None:
    """An order can be claimed when its lease is past."""
    one, other = await stored(storage, "another"), await stored(storage, "another")
    assert await claim(storage, "me", LATER - MILLISECOND, one) == {}
    assert await claim(storage, "me", LATER, one) == {one.id: [1]}
    assert await claim_due(storage, "me", LATER - MILLISECOND, other) == {}
    assert await claim_due(storage, "me", LATER, other) == {other.id: [1]}


async def test_a_lease_that_ends_too_far_from_now_counts_as_past(storage: Storage) -> None:
    """An order can be claimed when its lease ends later than FARTHEST_LEASE from now."""
    one, other = await stored(storage, "another"), await stored(storage, "another")
    early = LATER - FARTHEST_LEASE
    assert await claim(storage, "me", early, one) == {}
    assert await claim(storage, "me", early - MILLISECOND, one) == {one.id: [1]}
    assert await claim_due(storage, "me", early, other) == {}
    assert await claim_due(storage, "me", early - MILLISECOND, other) == {other.id: [1]}


async def test_an_order_can_be_claimed_by_who_holds_it_already(storage: Storage) -> None:
    """An order can be claimed when its lease is held by `who` already."""
    order = await stored(storage, "me")
    assert await claim(storage, "me", NOON, order) == {order.id: [1]}
    assert await claim(storage, "me", NOON + MILLISECOND, order) == {order.id: [1]}


async def test_a_claim_gives_the_lease_until_lease_after_now(storage: Storage) -> None:
    """A claim gives the lease to `who` until LEASE after now."""
    one, other = await stored(storage, "another"), await stored(storage, "another")
    await claim(storage, "me", LATER, one)
    await claim_due(storage, "me", LATER, other)
    for order in (one, other):
        assert await claim(storage, "another", LATER + LEASE - MILLISECOND, order) == {}
        assert await claim(storage, "another", LATER + LEASE, order) == {order.id: [1]}


async def test_those_of_the_orders_that_can_be_claimed_are_given(storage: Storage) -> None:
    """Claim those of `order_ids` that can be claimed, and give them."""
    due, held = await stored(storage, "another"), await stored(storage, "another", LATER)
    nothing_waits, mine = await stored(storage, "another"), await stored(storage, "me", LATER)
    await storage.outbox.mark({nothing_waits.id: 1})
    claimed = await claim(storage, "me", LATER, due, held, nothing_waits, mine, an_order())
    assert claimed == {due.id: [1], mine.id: [1]}
    assert await claim(storage, "me", LATER) == {}


async def test_only_what_nobody_takes_care_of_is_due(storage: Storage) -> None:
    """Claim up to `most` orders that nobody takes care of."""
    past, held = await stored(storage, "another"), await stored(storage, "another", LATER)
    assert await claim_due(storage, "me", LATER, past, held) == {past.id: [1]}
    assert await claim_due(storage, "me", LATER, past, held) == {}


async def test_no_more_orders_come_than_were_asked_for(storage: Storage) -> None:
    """Claim up to `most` orders. Fewer may come than there are."""
    orders = [await stored(storage, "another") for _ in range(5)]
    seen: set[Id] = set()
    while claimed := await storage.outbox.claim_due("me", LATER, 2):
        assert len(claimed) <= 2
        seen |= versions_of(claimed).keys()
    assert {order.id for order in orders} <= seen


async def test_those_whose_lease_ended_first_come_first(storage: Storage) -> None:
    """Those whose lease ended first before others."""
    ages = [3, 1, 2, 0]
    orders = [
        await stored(storage, "another", NOON - timedelta(minutes=minutes)) for minutes in ages
    ]
    oldest_first = [order.id for _, order in sorted(zip(ages, orders, strict=True), reverse=True)]
    assert list(await claim_due(storage, "me", LATER, *orders, most=1)) == oldest_first


async def test_of_concurrent_callers_each_order_goes_to_one(storage: Storage) -> None:
    """Of concurrent callers each order goes to one."""
    orders = [await stored(storage, "another") for _ in range(20)]
    ids = [order.id for order in orders]
    callers = [f"process {number}" for number in range(50)]
    answers = await asyncio.gather(
        *(storage.outbox.claim_due(who, LATER, 7) for who in callers[::2]),
        *(storage.outbox.claim(who, LATER, ids) for who in callers[1::2]),
    )
    claimed = [claim.order_id for answer in answers for claim in answer if claim.order_id in ids]
    assert sorted(claimed) == sorted(ids)


async def test_what_is_claimed_comes_oldest_first_from_the_first_that_waits(
    storage: Storage,
) -> None:
    """Events of one order that the claiming process may send, oldest first, from the first that waits."""
    order = an_order()
    changes = [a_change(order, NOON, traceparent=trace) for trace in (None, TRACE, None, TRACE)]
    await storage.orders.add(order, changes[0], "me")
    for change in changes[1:]:
        await storage.orders.replace(order, change, "me")
    await storage.outbox.mark({order.id: 1})
    (claimed,) = await storage.outbox.claim("me", NOON, [order.id])
    assert claimed.order_id == order.id
    assert [(event.version, event.change) for event in claimed.events] == list(
        zip((2, 3, 4), changes[1:], strict=True)
    )
    assert {event.order_id for event in claimed.events} == {order.id}


async def test_a_claim_brings_at_most_so_many_events_of_one_order(storage: Storage) -> None:
    """A claim brings at most this many events of one order, the oldest."""
    many = MOST_CLAIMED_EVENTS
    one, other = [await stored(storage, "another", versions=2 * many + 1) for _ in range(2)]
    first = list(range(1, many + 1))
    assert await claim(storage, "me", LATER, one) == {one.id: first}
    assert await claim_due(storage, "me", LATER, other) == {other.id: first}
    await storage.outbox.mark({one.id: many})
    assert await claim(storage, "me", LATER, one) == {one.id: list(range(many + 1, 2 * many + 1))}
    await storage.outbox.mark({one.id: 2 * many})
    assert await claim(storage, "me", LATER, one) == {one.id: [2 * many + 1]}


async def test_what_is_claimed_still_waits(storage: Storage) -> None:
    """A claim gives the lease to `who`: nothing else is changed by it."""
    order = await stored(storage, "another", versions=2)
    for _ in range(3):
        assert await claim(storage, "me", LATER, order) == {order.id: [1, 2]}
    assert await storage.orders.get(order.id) == order.at(2)


async def test_leases_that_are_given_up_end_at_once(storage: Storage) -> None:
    """End, as of now, every lease that `who` holds, so that others need not wait for it."""
    who, another = f"me {an_order().id}", f"another {an_order().id}"
    written, claimed = await stored(storage, who), await stored(storage, another)
    await claim(storage, who, LATER, claimed)
    theirs = await stored(storage, another, LATER)
    now = LATER + MILLISECOND
    await storage.outbox.give_up(who, now)
    orders = (written, claimed, theirs)
    assert await claim_due(storage, "third", now, *orders) == {written.id: [1], claimed.id: [1]}
    await storage.outbox.give_up(who, now)
    assert await claim_due(storage, "fourth", now, *orders) == {}
