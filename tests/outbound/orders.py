"""Orders and their changes, made now."""

from decimal import Decimal

from adapters.outbound.system import SystemClock, new_id
from core.domain.events import Change, EventType
from core.domain.orders import Item, Order

CLOCK = SystemClock()


def an_order(status: str = "new") -> Order:
    return Order(new_id(), new_id(), Decimal("12.5"), (Item(new_id(), 2),), status)


def a_change(order: Order, kind: EventType = EventType.UPDATED) -> Change:
    return Change(kind, CLOCK.now(), None, order.to_json())
