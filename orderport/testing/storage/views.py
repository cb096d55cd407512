"""All that a storage tells of some users, products and orders, in a form in which two storages can be compared."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from orderport import Id, Lease, Storage, StoredOrder, WaitingOrder
from orderport.testing.examples import NOON


async def view_of_people_and_products(
    storage: Storage, user_ids: Sequence[Id], emails: Sequence[str], product_ids: Sequence[Id]
) -> object:
    """Give what the ports `Users` and `Products` tell."""
    return (
        [await storage.users.get(user_id) for user_id in user_ids],
        [await storage.users.exists(user_id) for user_id in user_ids],
        [await storage.users.find(email) for email in emails],
        [await storage.products.get(product_id) for product_id in product_ids],
        await storage.products.missing(product_ids),
    )


async def view_of_each_order(storage: Storage, order_ids: Sequence[Id]) -> object:
    """Give what is told of each order."""
    return (
        [await storage.orders.get(order_id) for order_id in order_ids],
        [_without_nobody(await storage.backlog.find(order_id)) for order_id in order_ids],
        _by_id(await storage.backlog.get(order_ids)),
    )


async def view_of_all_orders(
    storage: Storage, order_ids: Collection[Id], since: datetime
) -> object:
    """Give what is told of these orders where all are told of."""
    backlog = storage.backlog
    failed = [one async for one in backlog.failed() if one.order_id in order_ids]
    times = [one.failure.at for one in failed if one.failure]
    assert times == sorted(times)
    stored = [one async for one in backlog.orders() if one.latest.order_id in order_ids]
    changed = [
        one async for one in backlog.changed_since(since) if one.latest.order_id in order_ids
    ]
    return (
        {_without_nobody(one) async for one in backlog.waiting() if one.order_id in order_ids},
        set(failed),
        _by_id(stored),
        _by_id(changed),
    )


def _by_id(found: Collection[StoredOrder]) -> Mapping[Id, StoredOrder]:
    """Give them without their order, each once."""
    those = {one.latest.order_id: one for one in found}
    assert len(those) == len(found)
    return those


def _without_nobody(found: WaitingOrder | None) -> WaitingOrder | None:
    """Leave out since when nobody takes care of an order, which storage is free to choose."""
    if found is None or found.lease is None or found.lease.who:
        return found
    return replace(found, lease=Lease("", NOON))
