"""What lasts, and who shares it: what the storage declares holds, and so does what it leaves out."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from orderport import Feature, Order, Product, Storage, StorageSettings, StorageUnavailable, User
from orderport.testing.examples import (
    NOON,
    a_change,
    a_product,
    a_user,
    set_aside,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.another_process import Died, Work, another_process
from orderport.testing.storage.checks import StorageAdapter, StorageChecks

CHANGES = 25


class Kept(NamedTuple):
    """One of everything that can be stored."""

    user: User
    product: Product
    orders: tuple[Order, ...]


async def store(storage: Storage) -> Kept:
    """Store one of everything: orders that are delivered, that wait, that are set aside or discarded in part."""
    user, product = a_user(), a_product()
    await storage.users.add(user)
    await storage.products.add(product)
    delivered, waiting = await stored(storage, "me"), await stored(storage, "me", versions=3)
    await storage.outbox.mark({delivered.id: 1, waiting.id: 1})
    failed, discarded = await set_aside(storage, versions=2), await set_aside(storage, versions=2)
    await storage.backlog.discard(discarded.id, 1, NOON)
    return Kept(
        await storage.users.replace(replace(user, name="Eve")),
        await storage.products.replace(replace(product, stock=9)) or product,
        (delivered, waiting, failed, discarded),
    )


async def look_up(storage: Storage, kept: Kept) -> object:
    """Give all that the storage tells of what was kept."""
    ids = [order.id for order in kept.orders]
    return (
        await storage.users.get(kept.user.id),
        await storage.users.find(kept.user.email),
        await storage.products.get(kept.product.id),
        [await storage.orders.get(order_id) for order_id in ids],
        [await storage.backlog.find(order_id) for order_id in ids],
        [list(await storage.backlog.get([order_id])) for order_id in ids],
        [one.order_id async for one in storage.backlog.failed() if one.order_id in ids],
    )


NOTHING: object = (None, None, None, [None] * 4, [None] * 4, [[]] * 4, [])


async def run_to_its_end(work: Work) -> Died:
    """Run another process on the storage."""
    async with another_process(work) as process:
        return await process.work_and_die()


class LastingChecks(StorageChecks):
    """What a storage declares, and what it leaves out."""

    @promise(
        "Of a storage: what was stored is there when it is opened again...",
        "Every other write ... lasts.",
        needs=Feature.DURABLE,
    )
    def test_what_was_stored_is_there_when_it_is_opened_again(
        self, adapter: StorageAdapter
    ) -> None:
        kept = adapter.run(store(adapter.shared()))
        before = adapter.run(look_up(adapter.shared(), kept))
        adapter.close()
        assert adapter.run(look_up(adapter.shared(), kept)) == before

    @promise("Without it, nothing is there.", lacks=Feature.DURABLE)
    def test_what_is_not_durable_is_gone_when_it_is_opened_again(
        self, adapter: StorageAdapter
    ) -> None:
        kept = adapter.run(store(adapter.shared()))
        adapter.close()
        assert adapter.run(look_up(adapter.shared(), kept)) == NOTHING

    @promise(
        "... also where the process that stored it was killed.",
        "What is read was stored durably: no fault of storage takes it back.",
        needs=Feature.DURABLE,
    )
    def test_what_a_killed_process_stored_or_read_is_there(
        self, adapter: StorageAdapter, settings: StorageSettings
    ) -> None:
        order = adapter.run(stored(adapter.shared(), "me"))
        adapter.close()
        died = adapter.run(run_to_its_end(Work(settings, order, CHANGES)))
        assert died.made == list(range(2, CHANGES + 2))
        (found,) = adapter.run(adapter.shared().backlog.get([order.id]))
        assert list(found.waiting) == list(died.waiting) == list(range(1, CHANGES + 2))

    @promise("Every other write has ended when its method returns...", needs=Feature.SHARED)
    def test_what_one_has_written_another_sees_at_once(self, adapter: StorageAdapter) -> None:
        storage = adapter.shared()
        with adapter.opened() as other:
            kept = adapter.run(store(storage))
            assert adapter.run(look_up(other, kept)) == adapter.run(look_up(storage, kept))

    @promise(
        "Of a storage: several processes can work on it at once.",
        "Storage counts the version ... so of concurrent calls each makes a version and an event of its own...",
        needs=Feature.SHARED,
    )
    async def test_several_processes_work_on_one_storage(
        self, storage: Storage, settings: StorageSettings
    ) -> None:
        order = await stored(storage, "me")
        async with another_process(Work(settings, order, CHANGES)) as process:
            theirs = asyncio.create_task(process.work_and_die())
            ours = [
                await storage.orders.replace(order, a_change(order), "me") for _ in range(CHANGES)
            ]
            made = [written.version for written in ours if written] + list((await theirs).made)
        assert sorted(made) == list(range(2, 2 * CHANGES + 2))
        (found,) = await storage.backlog.get([order.id])
        assert found.waiting == tuple(range(1, 2 * CHANGES + 2))

    @promise(
        "Without it, what is opened beside another stands alone, or is refused with `StorageUnavailable`.",
        lacks=Feature.SHARED,
    )
    def test_what_is_not_shared_stands_alone_or_is_refused(self, adapter: StorageAdapter) -> None:
        kept = adapter.run(store(adapter.shared()))
        with suppress(StorageUnavailable), adapter.opened() as other:
            assert adapter.run(look_up(other, kept)) == NOTHING
        assert adapter.run(look_up(adapter.shared(), kept)) != NOTHING
