from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import Fault, Invalid, NotFound, Overloaded, UnknownReference
from core.domain.events import Change, EventType, OrderEvent
from core.domain.orders import Item, Order
from core.domain.products import Product
from core.domain.users import User
from core.ports.storage import MOST_WAITING_BYTES
from core.use_cases.orders import GetOrder, PlaceOrder, References, UpdateOrder
from core.use_cases.relay import Relay
from tests.doubles.clock import NOON, CountedIds, ManualClock, counted_id, settled
from tests.doubles.publisher import ScriptedPublisher

ADA, LAMP, DESK, NOTHING = (counted_id(number) for number in (0xA, 0xB, 0xC, 0xF))
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
VALUES: dict[str, object] = {
    "customer_id": ADA.upper(),
    "price": Decimal("12.50"),
    "items": [{"product_id": LAMP, "quantity": 2}, {"product_id": DESK, "quantity": 1}],
    "status": " new ",
}
STORED = Order(counted_id(1), ADA, Decimal("12.5"), (Item(LAMP, 2), Item(DESK, 1)), "new")


@pytest.fixture
async def references(storage: MemoryStorage) -> References:
    await storage.users.add(User(ADA, "Ada", "ada@example.com", "hash"))
    await storage.products.add(Product(LAMP, "Lamp", 1))
    await storage.products.add(Product(DESK, "Desk", 0))
    return References(storage.users, storage.products)


@pytest.fixture
def place(
    storage: MemoryStorage, references: References, relay: Relay,
    clock: ManualClock, new_id: CountedIds,
) -> PlaceOrder:  # fmt: skip
    return PlaceOrder(storage.orders, references, relay, clock, new_id)


@pytest.fixture
def update(
    storage: MemoryStorage, references: References, relay: Relay, clock: ManualClock
) -> UpdateOrder:
    return UpdateOrder(storage.orders, references, relay, clock)


def naming(customer: object, *products: object) -> dict[str, object]:
    items = [{"product_id": product, "quantity": 1} for product in products]
    return {**VALUES, "customer_id": customer, "items": items}


async def unknown(call: Callable[[], Awaitable[Order]]) -> tuple[bool, list[str]]:
    with pytest.raises(UnknownReference) as error:
        await call()
    return error.value.customer, [fault.field for fault in error.value.faults]


async def test_a_placed_order_is_stored_and_its_event_leaves_with_the_trace_of_the_request(
    place: PlaceOrder, storage: MemoryStorage, publisher: ScriptedPublisher
) -> None:
    assert await place(VALUES, TRACE) == STORED
    assert await storage.orders.get(STORED.id) == STORED
    await settled()
    assert publisher.topic == [
        OrderEvent(STORED.id, 1, Change(EventType.CREATED, NOON, TRACE, STORED.to_json()))
    ]


async def test_an_update_replaces_the_order_whole_and_leaves_as_the_next_event(
    place: PlaceOrder, update: UpdateOrder, storage: MemoryStorage, publisher: ScriptedPublisher
) -> None:
    await place(VALUES)
    change = {**naming(ADA, DESK), "_id": STORED.id.upper(), "price": 0, "status": "paid"}
    updated = await update(change, "no trace")
    assert updated == Order(STORED.id, ADA, Decimal(0), (Item(DESK, 1),), "paid", version=2)
    assert await GetOrder(storage.orders)(STORED.id.upper()) == updated
    await settled()
    assert publisher.topic[1:] == [
        OrderEvent(STORED.id, 2, Change(EventType.UPDATED, NOON, None, updated.to_json()))
    ]


async def test_an_update_that_changes_nothing_is_a_version_and_an_event_too(
    place: PlaceOrder, update: UpdateOrder, publisher: ScriptedPublisher
) -> None:
    await place(VALUES)
    assert (await update({**VALUES, "_id": STORED.id})).version == 2
    await settled()
    assert publisher.delivered(STORED.id) == [1, 2]


async def test_nothing_is_stored_that_breaks_a_rule(
    place: PlaceOrder, update: UpdateOrder, storage: MemoryStorage, publisher: ScriptedPublisher
) -> None:
    for use_case in (place, update):
        with pytest.raises(Invalid) as invalid:
            await use_case({"customer_id": NOTHING, "_id": 5})
        named = {fault.field for fault in invalid.value.faults}
        assert named >= {"price", "items", "status"}
    assert await storage.orders.get(STORED.id) is None
    await settled()
    assert publisher.sent == []


async def test_an_unknown_customer_is_named(place: PlaceOrder) -> None:
    assert await unknown(lambda: place(naming(NOTHING, LAMP))) == (True, ["customer_id"])


async def test_every_unknown_product_is_named_where_it_stands(place: PlaceOrder) -> None:
    assert await unknown(lambda: place(naming(ADA, NOTHING, LAMP, NOTHING))) == (
        False,
        ["items[0].product_id", "items[2].product_id"],
    )


async def test_an_unknown_customer_and_unknown_products_are_named_together(
    place: PlaceOrder, references: References
) -> None:
    assert await unknown(lambda: place(naming(NOTHING, NOTHING))) == (
        True,
        ["customer_id", "items[0].product_id"],
    )
    nobody = Order(STORED.id, NOTHING, Decimal(1), (Item(NOTHING, 1),), "new")
    error = await references.unknown(nobody)
    assert error is not None
    assert error.faults == (
        Fault("customer_id", "there is no such customer"),
        Fault("items[0].product_id", "there is no such product"),
    )


async def test_nothing_is_stored_of_an_order_that_names_what_does_not_exist(
    place: PlaceOrder, update: UpdateOrder, storage: MemoryStorage, publisher: ScriptedPublisher
) -> None:
    await unknown(lambda: place(naming(NOTHING, LAMP)))
    assert await storage.orders.get(counted_id(1)) is None
    order = await place(VALUES)
    await unknown(lambda: update({**naming(ADA, NOTHING), "_id": order.id}))
    assert await storage.orders.get(order.id) == order
    await settled()
    assert len(publisher.topic) == 1


async def test_an_update_of_no_order_is_told_before_what_it_names(update: UpdateOrder) -> None:
    for values in (VALUES, naming(NOTHING, NOTHING)):
        with pytest.raises(NotFound, match="order"):
            await update({**values, "_id": STORED.id})


async def test_reading_back_finds_orders_by_their_id_only(storage: MemoryStorage) -> None:
    with pytest.raises(NotFound, match="order"):
        await GetOrder(storage.orders)(STORED.id)
    with pytest.raises(Invalid):
        await GetOrder(storage.orders)("x")


async def test_an_order_of_which_too_much_waits_takes_no_update(
    update: UpdateOrder, storage: MemoryStorage, clock: ManualClock
) -> None:
    waiting = Change(EventType.CREATED, clock.now(), None, b"x" * MOST_WAITING_BYTES)
    await storage.orders.add(STORED, waiting, "another")
    with pytest.raises(Overloaded):
        await update({**VALUES, "_id": STORED.id})
    assert await storage.orders.get(STORED.id) == STORED
