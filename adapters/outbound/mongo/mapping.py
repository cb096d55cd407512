"""To and from the documents that `documents.py` declares.

By hand, since the models take five times as long; tests/outbound/test_mongo_mapping.py holds the two equal.
"""

from datetime import datetime
from functools import lru_cache

from bson import ObjectId

from adapters.outbound.mongo.decimals import from_price, to_price
from adapters.outbound.mongo.documents import SCHEMA, Document
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.domain.products import Product
from core.domain.users import User, email_key
from core.ports.backlog import Failure, Lease, StoredOrder, WaitingOrder

_named = lru_cache(10_000)(ObjectId)
"""For ids that many orders name."""


def from_user(user: User) -> Document:
    """Give the document of a user."""
    return {
        "_id": ObjectId(user.id),
        "schema": SCHEMA,
        "version": user.version,
        "name": user.name,
        "email": user.email,
        "email_key": email_key(user.email),
        "password_hash": user.password_hash,
    }


def to_user(document: Document) -> User:
    """Give the user of a document."""
    return User(
        Id(str(document["_id"])),
        document["name"],
        document["email"],
        document["password_hash"],
        document["version"],
    )


def from_product(product: Product) -> Document:
    """Give the document of a product."""
    return {
        "_id": ObjectId(product.id),
        "schema": SCHEMA,
        "version": product.version,
        "name": product.name,
        "stock": product.stock,
    }


def to_product(document: Document) -> Product:
    """Give the product of a document."""
    return Product(
        Id(str(document["_id"])), document["name"], document["stock"], document["version"]
    )


def from_order(order: Order, change: Change, who: str, until: datetime) -> Document:
    """Give the document of a new order: its change waits, and `who` has the lease."""
    lease = {"who": who, "from": 1, "until": until}
    last = from_change(change)
    return {
        "_id": ObjectId(order.id),
        "schema": SCHEMA,
        "version": 1,
        **from_order_fields(order),
        "last": last,
        "pending": [{"version": 1, **last, "value": change.value, **lease}],
    }


def from_order_fields(order: Order) -> Document:
    """Give the published fields of an order, as they are stored."""
    return {
        "customer_id": _named(order.customer_id),
        "price": from_price(order.price),
        "items": [
            {"product_id": _named(item.product_id), "quantity": item.quantity}
            for item in order.items
        ],
        "status": order.status,
    }


def from_change(change: Change) -> Document:
    """Give a change without its value, as it is stored."""
    return {"type": change.type.value, "time": change.time, "traceparent": change.traceparent}


ORDER_FIELDS = {"version": 1, "customer_id": 1, "price": 1, "items": 1, "status": 1}
"""What is read of an order; never what waits in it, which may be far more."""


def to_order(document: Document) -> Order:
    """Give the order of a document, read by ORDER_FIELDS."""
    return Order(
        Id(str(document["_id"])),
        Id(str(document["customer_id"])),
        to_price(document["price"]),
        tuple(Item(Id(str(item["product_id"])), item["quantity"]) for item in document["items"]),
        document["status"],
        document["version"],
    )


def to_event(order_id: Id, pending: Document) -> OrderEvent:
    """Give the event of one entry of `pending`."""
    return OrderEvent(order_id, pending["version"], _to_change(pending, pending["value"]))


STORED_FIELDS = {**ORDER_FIELDS, "last": 1, "pending.version": 1, "discarded": 1}
"""What is read of an order to tell how it stands; of what waits only the versions."""


def to_stored_order(document: Document) -> StoredOrder:
    """Give how an order stands, read by STORED_FIELDS."""
    order = to_order(document)
    return StoredOrder(
        OrderEvent(order.id, order.version, _to_change(document["last"], order.to_json())),
        tuple(pending["version"] for pending in document["pending"]),
        tuple(document.get("discarded", ())),
    )


def _to_change(change: Document, value: bytes) -> Change:
    return Change(EventType(change["type"]), change["time"], change["traceparent"], value)


WAITING_FIELDS: Document = {
    "first": {"$first": "$pending.version"},
    "last": {"$last": "$pending.version"},
    "count": {"$size": "$pending"},
    "since": {"$first": "$pending.time"},
    "who": {"$first": "$pending.who"},
    "until": {"$first": "$pending.until"},
    "failed": 1,
}
"""What is read of an order to tell what of it waits; never the values."""


def to_waiting_order(document: Document) -> WaitingOrder:
    """Give what waits of an order, read by WAITING_FIELDS."""
    return WaitingOrder(
        Id(str(document["_id"])),
        document["first"],
        document["last"],
        document["count"],
        document["since"],
        Failure(**document["failed"]) if "failed" in document else None,
        Lease(document["who"], document["until"]) if "until" in document else None,
    )
