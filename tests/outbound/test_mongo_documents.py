"""What the MongoDB adapter stores, and what its claims bring of it."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from pymongo import monitoring

from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.system import new_id
from core.domain.errors import Overloaded
from core.domain.events import EventType
from core.domain.orders import Item, Order
from core.ports.storage import MOST_WAITING_BYTES
from tests.outbound.orders import CLOCK, a_change, an_order


class AtFirstUpdate(monitoring.CommandListener):
    """Does something as soon as the first update is acknowledged, while whoever sent it waits."""

    def __init__(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._act = act
        self.done = False

    def started(self, event: monitoring.CommandStartedEvent) -> None: ...

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.command_name == "update" and not self.done:
            self.done = True
            with ThreadPoolExecutor() as aside:  # with an event loop of its own
                aside.submit(asyncio.run, self._act()).result()

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_a_claim_takes_nothing_that_was_appended_since(settings: MongoSettings) -> None:
    orders = [an_order() for _ in range(3)]
    long_ago = CLOCK.now() - timedelta(hours=1)

    async def append() -> None:
        async with settings.open() as other:
            for order in orders:
                await other.orders.replace(order, a_change(order), "other")

    listener = AtFirstUpdate(append)
    async with settings.open() as storage:
        for order in orders:
            await storage.orders.add(order, replace(a_change(order), time=long_ago), "gone")
    monitoring.register(listener)
    try:
        async with settings.open() as storage:
            claimed = await storage.outbox.claim("me", CLOCK.now(), [order.id for order in orders])
    finally:
        monitoring._LISTENERS.command_listeners.remove(listener)  # noqa: SLF001
    assert listener.done
    assert {claim.order_id for claim in claimed} == {order.id for order in orders}
    assert [[event.version for event in claim.events] for claim in claimed] == [[1]] * 3


@pytest.mark.parametrize(("size", "brought"), [(20_000, [1, 2, 3]), (40_000, [1]), (100_000, [1])])
@pytest.mark.parametrize("others", [0, 1])
async def test_a_claim_brings_fewer_of_large_events(
    storage: MongoStorage, size: int, brought: list[int], others: int
) -> None:
    orders = [an_order() for _ in range(1 + others)]
    for order in orders:
        change = replace(a_change(order), value=b"x" * size)
        await storage.orders.add(order, change, "me")
        for _ in range(3):
            await storage.orders.replace(order, change, "me")
    claimed = await storage.outbox.claim("me", CLOCK.now(), [order.id for order in orders])
    assert [[event.version for event in claim.events] for claim in claimed] == [brought] * len(
        orders
    )


async def test_documents_carry_their_schema_and_prices_as_decimals(
    storage: MongoStorage, raw: Any
) -> None:
    order = an_order()
    await storage.orders.add(order, a_change(order, EventType.CREATED), "me")
    document = await raw.orders.find_one({"_id": ObjectId(order.id)})
    assert document["schema"] == 1
    assert document["price"].to_decimal() == order.price
    assert set(document) == {
        "_id", "schema", "version", "customer_id", "price", "items", "status", "last", "pending",
    }  # fmt: skip


async def test_what_is_inserted_and_what_is_replaced_have_the_same_form(
    storage: MongoStorage, raw: Any
) -> None:
    order = an_order()
    await storage.orders.add(order, a_change(order), "me")
    inserted = await raw.orders.find_one({"_id": ObjectId(order.id)})
    await storage.outbox.mark({order.id: 1})
    await storage.orders.replace(order, a_change(order), "me")
    replaced = await raw.orders.find_one({"_id": ObjectId(order.id)})
    assert shape(inserted) == shape(replaced)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value)


@pytest.mark.parametrize("status", ["$version", "$$ROOT", "{$set: 1}"])
async def test_a_text_that_looks_like_an_expression_is_a_text(
    storage: MongoStorage, status: str
) -> None:
    order = an_order(status)
    await storage.orders.add(order, a_change(order), "me")
    await storage.orders.replace(order, a_change(order), "me")
    assert await storage.orders.get(order.id) == order.at(2)


async def test_no_document_grows_past_what_the_server_takes(storage: MongoStorage) -> None:
    order = Order(
        new_id(),
        new_id(),
        Decimal(1),
        tuple(Item(new_id(), 1) for _ in range(1_000)),
        "x" * 64,
    )
    await storage.orders.add(order, a_change(order), "me")
    size = len(order.to_json())
    fitting = -(-MOST_WAITING_BYTES // size)
    for _ in range(fitting - 1):
        await storage.orders.replace(order, a_change(order), "me")
    with pytest.raises(Overloaded):
        await storage.orders.replace(order, a_change(order), "me")
