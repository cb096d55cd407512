"""The port `Backlog`: what is set aside is tried again or given up."""

from orderport import (
    Failure,
    Lease,
    OrderEvent,
    Storage,
    WaitingOrder,
    Written,
)
from orderport.testing.examples import (
    LATER,
    MILLISECOND,
    NOON,
    REASON,
    a_change,
    an_order,
    claim,
    claim_due,
    set_aside,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.backlog import all_of, waiting_versions
from orderport.testing.storage.checks import StorageChecks


class MendingChecks(StorageChecks):
    """The port `Backlog`: what operators change."""

    @promise("Take up again ... as of `now` any process can claim them.")
    async def test_what_is_retried_can_be_claimed_at_once_by_any_process(
        self, storage: Storage
    ) -> None:
        one, other = await set_aside(storage, versions=2), await set_aside(storage)
        assert await storage.backlog.retry([one.id, other.id], LATER) == {one.id, other.id}
        assert await claim_due(storage, "any", LATER - MILLISECOND, one, other) == {}
        assert await claim_due(storage, "any", LATER, one) == {one.id: [1, 2]}
        assert await all_of(storage.backlog.failed(), one, other) == []

    @promise(
        "Take up again those of these orders that are set aside...",
        "Gives those that were set aside.",
    )
    async def test_only_what_is_set_aside_is_retried(self, storage: Storage) -> None:
        failed, leased = await set_aside(storage), await stored(storage, "me")
        asked = [failed.id, leased.id, an_order().id]
        assert await storage.backlog.retry(asked, NOON) == {failed.id}
        assert await storage.backlog.retry(asked, NOON) == set()
        assert await claim(storage, "another", NOON, leased) == {}

    @promise(
        "Take up again...",
        "... `who` is empty where none did yet.",
    )
    async def test_what_is_retried_takes_changes_as_before(self, storage: Storage) -> None:
        order = await set_aside(storage)
        await storage.backlog.retry([order.id], NOON)
        waiting = await storage.backlog.find(order.id)
        assert waiting == WaitingOrder(order.id, 1, 1, 1, NOON, None, Lease("", NOON))
        assert await claim(storage, "me", NOON, order) == {order.id: [1]}
        for version in (2, 3):
            written = await storage.orders.replace(order, a_change(order), "me")
            assert written
            assert (written.version, written.leased_from == version) == (version, False)

    @promise("Take up again...")
    async def test_what_is_retried_can_be_set_aside_again(self, storage: Storage) -> None:
        order = await set_aside(storage)
        await storage.backlog.retry([order.id], NOON)
        await claim(storage, "me", NOON, order)
        event = OrderEvent(order.id, 1, a_change(order))
        assert await storage.outbox.fail("me", event, REASON, LATER, 4)
        found = await storage.backlog.find(order.id)
        assert found
        assert found.failure == Failure(1, REASON, LATER, 4)

    @promise(
        "Remove the event for which an order is set aside, remember its version, and take up what waits behind "
        "it.",
    )
    async def test_what_is_discarded_is_removed_and_remembered_and_the_rest_is_taken_up(
        self,
        storage: Storage,
    ) -> None:
        order = await set_aside(storage, versions=3)
        assert await storage.backlog.discard(order.id, 1, LATER)
        assert await all_of(storage.backlog.failed(), order) == []
        assert await claim_due(storage, "any", LATER, order) == {order.id: [2, 3]}
        (found,) = await storage.backlog.get([order.id])
        assert (found.waiting, found.discarded) == ((2, 3), (1,))

    @promise(
        "Remove the event for which an order is set aside ... and take up what waits behind it.",
    )
    async def test_an_order_of_which_the_last_event_is_discarded_takes_changes_as_before(
        self,
        storage: Storage,
    ) -> None:
        order = await set_aside(storage)
        assert await storage.backlog.discard(order.id, 1, NOON)
        assert await storage.backlog.find(order.id) is None
        assert await storage.orders.replace(order, a_change(order), "another") == Written(2, 2)
        waiting = await storage.backlog.find(order.id)
        assert waiting == WaitingOrder(order.id, 2, 2, 1, NOON, None, Lease("another", LATER))

    @promise("Remove the event for which an order is set aside, remember its version...")
    async def test_several_versions_can_be_discarded_one_after_the_other(
        self, storage: Storage
    ) -> None:
        order = await set_aside(storage, versions=2)
        await storage.backlog.discard(order.id, 1, NOON)
        await claim(storage, "me", NOON, order)
        event = OrderEvent(order.id, 2, a_change(order))
        assert await storage.outbox.fail("me", event, REASON, NOON, 4)
        assert await storage.backlog.discard(order.id, 2, NOON)
        (found,) = await storage.backlog.get([order.id])
        assert found.discarded == (1, 2)

    @promise(
        "Tells whether it was done: only where the order is set aside for that version and it is the first "
        "that waits.",
    )
    async def test_only_the_version_is_discarded_for_which_the_order_is_set_aside(
        self,
        storage: Storage,
    ) -> None:
        failed, leased = await set_aside(storage, versions=2), await stored(storage, "me")
        assert not await storage.backlog.discard(failed.id, 2, NOON)
        assert not await storage.backlog.discard(leased.id, 1, NOON)
        assert not await storage.backlog.discard(an_order().id, 1, NOON)
        assert await waiting_versions(storage, failed) == (1, 2)
        assert await waiting_versions(storage, leased) == (1,)
        assert await storage.backlog.discard(failed.id, 1, NOON)
        assert not await storage.backlog.discard(failed.id, 1, NOON)
