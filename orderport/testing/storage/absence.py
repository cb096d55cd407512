"""A storage that gives no answer, and calls that are given up."""

import asyncio
import time
from collections.abc import AsyncIterable, Awaitable, Mapping

from orderport import Order, OrderEvent, Storage, StorageUnavailable
from orderport.testing.examples import (
    NOON,
    a_change,
    a_product,
    a_user,
    an_order,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks

ANSWER_SECONDS = 10.0


async def read(found: AsyncIterable[object]) -> None:
    """Read all there is."""
    async for _ in found:
        pass


def calls_of(storage: Storage) -> Mapping[str, Awaitable[object]]:
    """Call every method of every port."""
    user, product, order = a_user(), a_product(), an_order()
    change = a_change(order)
    users, products, orders = storage.users, storage.products, storage.orders
    outbox, backlog = storage.outbox, storage.backlog
    return {
        "users.add": users.add(user),
        "users.get": users.get(user.id),
        "users.find": users.find(user.email),
        "users.exists": users.exists(user.id),
        "users.replace": users.replace(user),
        "users.rehash": users.rehash(user.id, user.password_hash, "another hash"),
        "products.add": products.add(product),
        "products.get": products.get(product.id),
        "products.missing": products.missing([product.id]),
        "products.replace": products.replace(product),
        "orders.add": orders.add(order, change, "me"),
        "orders.get": orders.get(order.id),
        "orders.replace": orders.replace(order, change, "me"),
        "outbox.claim_due": outbox.claim_due("me", NOON, 10),
        "outbox.claim": outbox.claim("me", NOON, [order.id]),
        "outbox.mark": outbox.mark({order.id: 1}),
        "outbox.fail": outbox.fail("me", OrderEvent(order.id, 1, change), "too large", NOON, 4),
        "outbox.give_up": outbox.give_up("me", NOON),
        "backlog.waiting": read(backlog.waiting()),
        "backlog.failed": read(backlog.failed()),
        "backlog.find": backlog.find(order.id),
        "backlog.retry": backlog.retry([order.id], NOON),
        "backlog.discard": backlog.discard(order.id, 1, NOON),
        "backlog.orders": read(backlog.orders()),
        "backlog.changed_since": read(backlog.changed_since(NOON)),
        "backlog.get": backlog.get([order.id]),
    }


async def is_whole(storage: Storage, order: Order) -> bool:
    """Tell whether an order of `me` is there; if so, its event has to be there too."""
    if await storage.orders.get(order.id) is None:
        return False
    (claimed,) = await storage.outbox.claim("me", NOON, [order.id])
    assert [(event.version, event.change.value) for event in claimed.events] == [
        (1, order.to_json())
    ]
    return True


class AbsenceChecks(StorageChecks):
    """What every port of a storage promises of calls that come to nothing."""

    @promise("Every method may raise `StorageUnavailable`: storage gave no answer in time.")
    async def test_every_method_tells_in_time_that_storage_gives_no_answer(
        self, absent: Storage
    ) -> None:
        calls = calls_of(absent)
        began = time.monotonic()
        outcomes = await asyncio.gather(*calls.values(), return_exceptions=True)
        assert time.monotonic() - began < ANSWER_SECONDS
        assert {
            name: type(one) for name, one in zip(calls, outcomes, strict=True)
        } == dict.fromkeys(calls, StorageUnavailable)

    @promise(
        "A write is then stored, wholly, or not at all, and may still become visible shortly after.",
        "Orders, each stored in one atomic write...",
    )
    async def test_a_write_that_is_given_up_is_stored_wholly_or_not_at_all(
        self, storage: Storage
    ) -> None:
        orders = [an_order() for _ in range(50)]
        writes = [
            asyncio.create_task(storage.orders.add(order, a_change(order), "me"))
            for order in orders
        ]
        for write in writes:
            await asyncio.sleep(0)
            write.cancel()
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        for order, outcome in zip(orders, outcomes, strict=True):
            assert outcome is None or isinstance(outcome, asyncio.CancelledError)
            assert await is_whole(storage, order) or outcome is not None
        other = await stored(storage, "me")
        assert await is_whole(storage, other)

    @promise("Orders, each stored in one atomic write with the event of its change.")
    async def test_no_order_is_seen_without_its_event(self, storage: Storage) -> None:
        orders = [an_order() for _ in range(50)]

        async def watch(order: Order) -> None:
            while not await is_whole(storage, order):  # noqa: ASYNC110 - storage gives no sign
                await asyncio.sleep(0)

        await asyncio.gather(
            *(watch(order) for order in orders),
            *(storage.orders.add(order, a_change(order), "me") for order in orders),
        )
