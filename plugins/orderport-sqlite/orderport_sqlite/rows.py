"""Between rows and the domain's types."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from orderport import Change, EventType, Id, Item, Order, OrderEvent

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Row = tuple[Any, ...]

ORDER = "id, customer_id, price, items, status, version"
"""The columns that `to_order` reads."""
EVENT = "order_id, version, type, time, traceparent, value"
"""The columns that `to_event` reads and `from_event` gives."""


def to_microseconds(time: datetime) -> int:
    """Give an aware time as microseconds since 1970."""
    return (time - EPOCH) // MICROSECOND


def to_time(microseconds: int) -> datetime:
    """Give microseconds since 1970 as a time in UTC."""
    return EPOCH + microseconds * MICROSECOND


def to_json(ids: Collection[Id]) -> str:
    """Give ids as JSON, of which SQLite's `json_each` makes a table."""
    return json.dumps(list(ids))


def from_items(items: Collection[Item]) -> str:
    """Give items as JSON, in their order."""
    pairs = [(item.product_id, item.quantity) for item in items]
    return json.dumps(pairs, separators=(",", ":"))


def to_order(row: Row) -> Order:
    """Give the order of a row."""
    order_id, customer_id, price, items, status, version = row
    parsed = tuple(Item(Id(product_id), quantity) for product_id, quantity in json.loads(items))
    return Order(order_id, customer_id, Decimal(price), parsed, status, version)


def from_event(event: OrderEvent) -> Row:
    """Give the row of an event."""
    change = event.change
    time = to_microseconds(change.time)
    return event.order_id, event.version, change.type, time, change.traceparent, change.value


def to_event(row: Row) -> OrderEvent:
    """Give the event of a row."""
    order_id, version, type_, time, traceparent, value = row
    return OrderEvent(
        order_id, version, Change(EventType(type_), to_time(time), traceparent, value)
    )
