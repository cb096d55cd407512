"""What is stored."""

from beanie import DecimalAnnotation, Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import IndexModel


class User(Document):
    """A user."""

    name: str
    email: str
    email_key: str
    password_hash: str

    class Settings:
        """Where it lies."""

        name = "users"
        indexes = (IndexModel("email_key", unique=True),)


class Product(Document):
    """A product."""

    name: str
    stock: int

    class Settings:
        """Where it lies."""

        name = "products"


class Item(BaseModel):
    """So many of one product."""

    product_id: PydanticObjectId
    quantity: int


class Order(Document):
    """An order; `version` numbers its events."""

    customer_id: PydanticObjectId
    price: DecimalAnnotation
    items: list[Item]
    status: str
    version: int = 1

    class Settings:
        """Where it lies."""

        name = "orders"
