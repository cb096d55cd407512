"""The port `Outbox`: who may claim what."""

import asyncio
from datetime import timedelta

import pytest

from orderport import (
    FARTHEST_LEASE,
    LEASE,
    MOST_CLAIMED_EVENTS,
    MOST_ITEMS,
    EventType,
    Id,
    Lease,
    Storage,
)
from orderport.testing.examples import (
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
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks


class OutboxChecks(StorageChecks):
    """The port `Outbox`: who may claim what."""

    @pytest.mark.parametrize("year", [1999, 2026, 2099])
    @pytest.mark.parametrize("who", ["é😀", "$who", "a.b", "'one' \"two\"", "0012"])
    @promise("`who` is a process's own name, `now` its time of day.")
    async def test_names_are_any_text_and_time_is_what_the_process_says(
        self, storage: Storage, who: str, year: int
    ) -> None:
        now = NOON.replace(year=year)
        order = await stored(storage, who, now, versions=2)
        assert await claim(storage, who.upper() + " another", now, order) == {}
        assert await claim(storage, who, now, order) == {order.id: [1, 2]}
        waiting = await storage.backlog.find(order.id)
        assert waiting
        assert waiting.lease == Lease(who, now + LEASE)
        await storage.outbox.give_up(who, now)
        assert await claim(storage, "another", now, order) == {order.id: [1, 2]}

    @promise("An order can be claimed when something waits...")
    async def test_an_order_can_be_claimed_when_something_waits(self, storage: Storage) -> None:
        order = await stored(storage, "another", versions=2)
        await storage.outbox.mark({order.id: 2})
        assert await claim(storage, "me", LATER, order) == {}
        assert await claim_due(storage, "me", LATER, order) == {}

    @promise(
        "An order can be claimed when ... its lease is past...",
        "How long a process may count on being the only one that sends the events of an order.",
    )
    async def test_an_order_can_be_claimed_when_its_lease_is_past(self, storage: Storage) -> None:
        one, other = await stored(storage, "another"), await stored(storage, "another")
        assert await claim(storage, "me", LATER - MILLISECOND, one) == {}
        assert await claim(storage, "me", LATER, one) == {one.id: [1]}
        assert await claim_due(storage, "me", LATER - MILLISECOND, other) == {}
        assert await claim_due(storage, "me", LATER, other) == {other.id: [1]}

    @promise(
        "An order can be claimed when ... its lease ... ends later than FARTHEST_LEASE from now...",
        "A lease that ends later than this from now was set by a clock that is wrong; it counts as past.",
    )
    async def test_a_lease_that_ends_too_far_from_now_counts_as_past(
        self, storage: Storage
    ) -> None:
        one, other = await stored(storage, "another"), await stored(storage, "another")
        early = LATER - FARTHEST_LEASE
        assert await claim(storage, "me", early, one) == {}
        assert await claim(storage, "me", early - MILLISECOND, one) == {one.id: [1]}
        assert await claim_due(storage, "me", early, other) == {}
        assert await claim_due(storage, "me", early - MILLISECOND, other) == {other.id: [1]}

    @promise("An order can be claimed when ... its lease ... is held by `who` already.")
    async def test_an_order_can_be_claimed_by_who_holds_it_already(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        assert await claim(storage, "me", NOON, order) == {order.id: [1]}
        assert await claim(storage, "me", NOON + MILLISECOND, order) == {order.id: [1]}

    @promise("A claim gives the lease to `who` until LEASE after now.")
    async def test_a_claim_gives_the_lease_until_lease_after_now(self, storage: Storage) -> None:
        one, other = await stored(storage, "another"), await stored(storage, "another")
        await claim(storage, "me", LATER, one)
        await claim_due(storage, "me", LATER, other)
        assert await claim(storage, "me", LATER, one, other) == {one.id: [1], other.id: [1]}
        for order in (one, other):
            assert await claim(storage, "another", LATER + LEASE - MILLISECOND, order) == {}
            assert await claim(storage, "another", LATER + LEASE, order) == {order.id: [1]}

    @promise("Claim those of `order_ids` that can be claimed, and give them.")
    async def test_those_of_the_orders_that_can_be_claimed_are_given(
        self, storage: Storage
    ) -> None:
        due, held = await stored(storage, "another"), await stored(storage, "another", LATER)
        nothing_waits, mine = await stored(storage, "another"), await stored(storage, "me", LATER)
        await storage.outbox.mark({nothing_waits.id: 1})
        claimed = await claim(storage, "me", LATER, due, held, nothing_waits, mine, an_order())
        assert claimed == {due.id: [1], mine.id: [1]}
        assert await claim(storage, "me", LATER) == {}

    @promise("Claim ... orders that nobody takes care of...")
    async def test_only_what_nobody_takes_care_of_is_due(self, storage: Storage) -> None:
        past, held = await stored(storage, "another"), await stored(storage, "another", LATER)
        assert await claim_due(storage, "me", LATER, past, held) == {past.id: [1]}
        assert await claim_due(storage, "me", LATER, past, held) == {}

    @promise(
        "Claim up to `most` orders...",
        "Fewer may come than there are.",
    )
    async def test_no_more_orders_come_than_were_asked_for(self, storage: Storage) -> None:
        orders = [await stored(storage, "another") for _ in range(5)]
        seen: set[Id] = set()
        while claimed := await storage.outbox.claim_due("me", LATER, 2):
            assert len(claimed) <= 2
            seen |= versions_of(claimed).keys()
        assert {order.id for order in orders} <= seen

    @promise("Claim ... orders ... those whose lease ended first before others.")
    async def test_those_whose_lease_ended_first_come_first(self, storage: Storage) -> None:
        ages = [3, 1, 2, 0]
        orders = [
            await stored(storage, "another", NOON - timedelta(minutes=minutes)) for minutes in ages
        ]
        oldest_first = [
            order.id for _, order in sorted(zip(ages, orders, strict=True), reverse=True)
        ]
        assert list(await claim_due(storage, "me", LATER, *orders, most=1)) == oldest_first

    @promise("Of concurrent callers each order goes to one.")
    async def test_of_concurrent_callers_each_order_goes_to_one(self, storage: Storage) -> None:
        orders = [await stored(storage, "another") for _ in range(20)]
        ids = [order.id for order in orders]
        callers = [f"process {number}" for number in range(50)]
        answers = await asyncio.gather(
            *(storage.outbox.claim_due(who, LATER, 7) for who in callers[::2]),
            *(storage.outbox.claim(who, LATER, ids) for who in callers[1::2]),
        )
        claimed = [
            claim.order_id for answer in answers for claim in answer if claim.order_id in ids
        ]
        assert sorted(claimed) == sorted(ids)

    @promise(
        "Events of one order that the claiming process may send, oldest first, from the first that waits.",
    )
    async def test_what_is_claimed_comes_oldest_first_from_the_first_that_waits(
        self,
        storage: Storage,
    ) -> None:
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

    @promise("A claim brings at most this many events of one order, the oldest; fewer...")
    async def test_a_claim_brings_at_most_so_many_events_of_one_order(
        self, storage: Storage
    ) -> None:
        many = MOST_CLAIMED_EVENTS
        one, other = [await stored(storage, "another", versions=2 * many + 1) for _ in range(2)]
        first = list(range(1, many + 1))
        assert await claim(storage, "me", LATER, one) == {one.id: first}
        assert await claim_due(storage, "me", LATER, other) == {other.id: first}
        await storage.outbox.mark({one.id: many})
        assert await claim(storage, "me", LATER, one) == {
            one.id: list(range(many + 1, 2 * many + 1))
        }
        await storage.outbox.mark({one.id: 2 * many})
        assert await claim(storage, "me", LATER, one) == {one.id: [2 * many + 1]}

    @promise(
        "A claim brings at most this many events of one order, the oldest; fewer, but one at least, "
        "where they are large."
    )
    async def test_of_large_events_a_claim_brings_the_oldest_and_one_at_least(
        self, storage: Storage
    ) -> None:
        orders = [an_order(items=MOST_ITEMS) for _ in range(2)]
        for order in orders:
            await storage.orders.add(order, a_change(order, NOON, EventType.CREATED), "another")
            for _ in range(2):
                await storage.orders.replace(order, a_change(order), "another")
        waiting = {order.id: [1, 2, 3] for order in orders}
        while waiting:
            claimed = await claim(storage, "me", LATER, *orders)
            assert claimed.keys() == waiting.keys()
            for order_id, versions in claimed.items():
                assert versions
                assert versions == waiting[order_id][: len(versions)]
            await storage.outbox.mark(
                {order_id: versions[-1] for order_id, versions in claimed.items()}
            )
            waiting = {
                order_id: rest
                for order_id, versions in waiting.items()
                if (rest := versions[len(claimed[order_id]) :])
            }

    @promise("A claim gives the lease to `who`...")
    async def test_what_is_claimed_still_waits(self, storage: Storage) -> None:
        order = await stored(storage, "another", versions=2)
        for _ in range(3):
            assert await claim(storage, "me", LATER, order) == {order.id: [1, 2]}
        assert await storage.orders.get(order.id) == order.at(2)

    @promise("End, as of now, every lease that `who` holds, so that others need not wait for it.")
    async def test_leases_that_are_given_up_end_at_once(self, storage: Storage) -> None:
        who, another = f"me {an_order().id}", f"another {an_order().id}"
        written, claimed = await stored(storage, who), await stored(storage, another)
        await claim(storage, who, LATER, claimed)
        theirs = await stored(storage, another, LATER)
        now = LATER + MILLISECOND
        await storage.outbox.give_up(who, now)
        given_up = [await storage.backlog.find(order.id) for order in (written, claimed, theirs)]
        assert [one and one.lease for one in given_up] == [
            Lease(who, LATER),
            Lease(who, now),
            Lease(another, LATER + LEASE),
        ]
        orders = (written, claimed, theirs)
        assert await claim_due(storage, "third", now, *orders) == {written.id: [1], claimed.id: [1]}
        await storage.outbox.give_up(who, now)
        assert await claim_due(storage, "fourth", now, *orders) == {}
