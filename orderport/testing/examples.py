"""Things to store and to send, each of them new."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from secrets import token_hex

from orderport import (
    LEASE,
    MAX_INT,
    Change,
    Claimed,
    EventType,
    Id,
    Item,
    Order,
    OrderEvent,
    Product,
    Storage,
    User,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REASON = "too large"
MILLISECOND = timedelta(milliseconds=1)
LATER = NOON + LEASE
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def new_id() -> Id:
    """Give an id that nobody has."""
    return Id(token_hex(12))


def a_user(name: str = "Ada", email: str | None = None) -> User:
    """Make a user that nobody has stored."""
    user_id = new_id()
    return User(user_id, name, email or f"Ada.{user_id}@Example.com", f"hash of {user_id}")


def a_product(name: str = "Lamp", stock: int = 3) -> Product:
    """Make a product likewise."""
    return Product(new_id(), name, stock)


def an_order(status: str = "new", price: str = "12.5", items: int = 1) -> Order:
    """Make an order likewise."""
    item = Item(new_id(), MAX_INT)
    return Order(new_id(), new_id(), Decimal(price), (item,) * items, status)


def a_change(
    order: Order,
    time: datetime = NOON,
    type_: EventType = EventType.UPDATED,
    traceparent: str | None = None,
) -> Change:
    """Make the change that an order is the outcome of."""
    return Change(type_, time, traceparent, order.to_json())


def an_event(status: str = "new", items: int = 1) -> OrderEvent:
    """Make the event of a new order."""
    order = an_order(status, items=items)
    return OrderEvent(order.id, 1, a_change(order, type_=EventType.CREATED, traceparent=TRACE))


async def stored(storage: Storage, who: str, time: datetime = NOON, versions: int = 1) -> Order:
    """Store a new order of so many versions, none of which was sent yet."""
    order = an_order()
    await storage.orders.add(order, a_change(order, time, EventType.CREATED), who)
    for _ in range(versions - 1):
        await storage.orders.replace(order, a_change(order, time), who)
    return order


async def many_stored(storage: Storage, count: int) -> list[Order]:
    """Store so many new orders, some at once; every other one has a second version."""
    orders: list[Order] = []
    while len(orders) < count:
        orders += await asyncio.gather(
            *(stored(storage, "me", versions=1 + number % 2) for number in range(50))
        )
    return orders


async def set_aside(storage: Storage, versions: int = 1, after: timedelta = timedelta(0)) -> Order:
    """Store an order whose first version was refused."""
    order = await stored(storage, "me", versions=versions)
    event = OrderEvent(order.id, 1, a_change(order))
    assert await storage.outbox.fail("me", event, REASON, NOON + after, 4)
    return order


def versions_of(claimed: Collection[Claimed]) -> dict[Id, list[int]]:
    """Tell which versions of which orders were claimed."""
    return {claim.order_id: [event.version for event in claim.events] for claim in claimed}


async def claim(storage: Storage, who: str, now: datetime, *orders: Order) -> dict[Id, list[int]]:
    """Claim orders, and tell which versions came of which."""
    return versions_of(await storage.outbox.claim(who, now, [order.id for order in orders]))


async def claim_due(
    storage: Storage, who: str, now: datetime, *orders: Order, most: int = 1_000
) -> dict[Id, list[int]]:
    """Claim all that is due, and tell of these orders, in the order in which they came."""
    claimed: dict[Id, list[int]] = {}
    while some := versions_of(await storage.outbox.claim_due(who, now, most)):
        assert not claimed.keys() & some.keys(), "an order that was claimed is due again"
        claimed |= some
    wanted = {order.id for order in orders}
    return {order_id: versions for order_id, versions in claimed.items() if order_id in wanted}
