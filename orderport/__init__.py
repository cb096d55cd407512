"""What makers of adapters import: the ports, the domain's types and the errors. What is not named here may move.

The ports' docstrings are the contract that an adapter keeps.
"""

from core.domain.errors import (
    EmailTaken,
    EventsUnavailable,
    NotFound,
    OrderportError,
    Overloaded,
    StorageUnavailable,
    VersionConflict,
    WrongSettings,
)
from core.domain.events import Change, EventType, OrderEvent, event_id, parse_event, to_rfc3339
from core.domain.fields import LONGEST_EMAIL, MAX_INT
from core.domain.ids import Id, parse_id
from core.domain.orders import LONGEST_STATUS, MOST_ITEMS, Item, Order
from core.domain.prices import exact_price, parse_number
from core.domain.products import Product
from core.domain.users import LONGEST_NAME, User, email_key
from core.ports.backlog import Backlog, Failure, Lease, StoredOrder, WaitingOrder
from core.ports.events import EventLog, Message, Outcome, Publisher, Receipt
from core.ports.plugins import (
    PORTS_VERSION,
    Environment,
    EventsSettings,
    Feature,
    ReadableEventsSettings,
    StorageSettings,
    is_readable,
)
from core.ports.storage import (
    FARTHEST_LEASE,
    LEASE,
    MOST_CLAIMED_EVENTS,
    MOST_WAITING_BYTES,
    Claimed,
    Orders,
    Outbox,
    Products,
    Storage,
    Users,
    Written,
)

__all__ = [
    "FARTHEST_LEASE",
    "LEASE",
    "LONGEST_EMAIL",
    "LONGEST_NAME",
    "LONGEST_STATUS",
    "MAX_INT",
    "MOST_CLAIMED_EVENTS",
    "MOST_ITEMS",
    "MOST_WAITING_BYTES",
    "PORTS_VERSION",
    "Backlog",
    "Change",
    "Claimed",
    "EmailTaken",
    "Environment",
    "EventLog",
    "EventType",
    "EventsSettings",
    "EventsUnavailable",
    "Failure",
    "Feature",
    "Id",
    "Item",
    "Lease",
    "Message",
    "NotFound",
    "Order",
    "OrderEvent",
    "OrderportError",
    "Orders",
    "Outbox",
    "Outcome",
    "Overloaded",
    "Product",
    "Products",
    "Publisher",
    "ReadableEventsSettings",
    "Receipt",
    "Storage",
    "StorageSettings",
    "StorageUnavailable",
    "StoredOrder",
    "User",
    "Users",
    "VersionConflict",
    "WaitingOrder",
    "Written",
    "WrongSettings",
    "email_key",
    "event_id",
    "exact_price",
    "is_readable",
    "parse_event",
    "parse_id",
    "parse_number",
    "to_rfc3339",
]
