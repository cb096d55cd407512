"""What lies in MongoDB: ODMantic's models declare the documents and their indexes, and map to and from the domain.

Commands go through PyMongo's own asynchronous client: ODMantic's engine writes whole documents blindly, over Motor.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId
from odmantic import EmbeddedModel, Field, Index, Model
from odmantic.config import ODMConfigDict
from pymongo import IndexModel

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
    care of. The events of an order that is set aside have none. Once they are claimed they also bear the mark `claim`,
    which those that are appended later do not.
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
