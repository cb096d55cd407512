"""What lies in MongoDB: ODMantic's models declare the documents and their indexes, and map to and from the domain.

Commands go through PyMongo's own asynchronous client: ODMantic's engine writes whole documents blindly, over Motor.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId
from odmantic import EmbeddedModel, Field, Index, Model
from odmantic.config import ODMConfigDict
from pymongo import IndexModel

from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.domain.products import Product
from core.domain.users import User, email_key
from core.ports.backlog import Failure, Lease, StoredOrder, WaitingOrder

SCHEMA = 1
"""The form of the documents below; each carries it, so that a later release can tell what it reads."""

Document = dict[str, Any]


class UserDocument(Model):
    """A user; `email_key` makes emails unique and findable, case aside."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    schema_: int = Field(key_name="schema", default=SCHEMA)
    version: int
    name: str
    email: str
    email_key: str
    password_hash: str

    model_config = ODMConfigDict(
        collection="users",
        indexes=lambda: [Index(UserDocument.email_key, unique=True, name="email_key")],
    )


class ProductDocument(Model):
    """A product."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    schema_: int = Field(key_name="schema", default=SCHEMA)
    version: int
    name: str
    stock: int

    model_config = ODMConfigDict(collection="products")


class ItemDocument(EmbeddedModel):
    """So many of one product."""

    product_id: ObjectId
    quantity: int


class ChangeDocument(EmbeddedModel):
    """The latest change of an order, kept so that its event can be made again: the value follows from the order."""

    type: str
    time: datetime
    traceparent: str | None


class PendingDocument(EmbeddedModel):
    """An event that waits, and in each of an order's the same lease: `who`, `from`, `until`.

    So the lease leaves with the last event that is pulled out, and one index on it finds every order that nobody takes
    care of. The events of an order that is set aside have none.
    """

    version: int
    type: str
    time: datetime
    traceparent: str | None
    value: bytes
    who: str
    from_: int = Field(key_name="from")
    until: datetime


class OrderDocument(Model):
    """An order, and inside it what waits to be sent, so that one write stores both.

    Where they are needed there are also `failed`, why it is set aside, and `discarded`, the versions that were.
    """

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    schema_: int = Field(key_name="schema", default=SCHEMA)
    version: int
    customer_id: ObjectId
    price: Decimal
    items: list[ItemDocument]
    status: str
    last: ChangeDocument
    pending: list[PendingDocument]

    model_config = ODMConfigDict(
        collection="orders",
        indexes=lambda: [
            IndexModel(
                "pending.until",
                name="pending_until",
                partialFilterExpression={"pending.until": {"$exists": True}},
            ),
            IndexModel(
                "failed.at",
                name="failed_at",
                partialFilterExpression={"failed.at": {"$exists": True}},
            ),
        ],
    )


MODELS: tuple[type[Model], ...] = (UserDocument, ProductDocument, OrderDocument)


def from_user(user: User) -> Document:
    """Give the document of a user."""
    return UserDocument(
        id=ObjectId(user.id),
        version=user.version,
        name=user.name,
        email=user.email,
        email_key=email_key(user.email),
        password_hash=user.password_hash,
    ).model_dump_doc()


def to_user(document: Document) -> User:
    """Give the user of a document."""
    found = UserDocument.model_validate_doc(document)
    return User(Id(str(found.id)), found.name, found.email, found.password_hash, found.version)


def from_product(product: Product) -> Document:
    """Give the document of a product."""
    return ProductDocument(
        id=ObjectId(product.id), version=product.version, name=product.name, stock=product.stock
    ).model_dump_doc()


def to_product(document: Document) -> Product:
    """Give the product of a document."""
    found = ProductDocument.model_validate_doc(document)
    return Product(Id(str(found.id)), found.name, found.stock, found.version)


def from_order(order: Order, change: Change, who: str, until: datetime) -> Document:
    """Give the document of a new order: its change waits, and `who` has the lease."""
    last = ChangeDocument(type=change.type, time=change.time, traceparent=change.traceparent)
    first = PendingDocument(
        version=1, **last.model_dump(), value=change.value, who=who, from_=1, until=until
    )
    return OrderDocument(
        id=ObjectId(order.id),
        version=1,
        customer_id=ObjectId(order.customer_id),
        price=order.price,
        items=[
            ItemDocument(product_id=ObjectId(item.product_id), quantity=item.quantity)
            for item in order.items
        ],
        status=order.status,
        last=last,
        pending=[first],
    ).model_dump_doc()


ORDER_FIELDS = {"version": 1, "customer_id": 1, "price": 1, "items": 1, "status": 1}
"""What is read of an order; never what waits in it, which may be far more."""


def to_order(document: Document) -> Order:
    """Give the order of a document, read by ORDER_FIELDS."""
    price: Decimal128 = document["price"]
    return Order(
        Id(str(document["_id"])),
        Id(str(document["customer_id"])),
        price.to_decimal(),
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
