"""Orders: who bought what for how much, and how far it has come."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal

from core.domain.fields import Fields
from core.domain.ids import Id

MOST_ITEMS = 1_000
LONGEST_STATUS = 64

_quoted = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Item:
    """So many of one product."""

    product_id: Id
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order, whole; `items` keep their order and their repeats, `status` is free text."""

    id: Id
    customer_id: Id
    price: Decimal
    items: tuple[Item, ...]
    status: str
    version: int = 1

    def at(self, version: int) -> "Order":
        """Give this order as that version."""
        return replace(self, version=version)

    def to_json(self) -> bytes:
        """Give the five published fields as JSON in UTF-8: what clients and consumers read.

        The same order gives the same bytes, whichever storage it comes from: an event that is sent again is equal to
        the first. The price is a number in plain notation, exact.
        """
        items = ",".join(
            f'{{"product_id":"{item.product_id}","quantity":{item.quantity}}}'
            for item in self.items
        )
        text = (
            f'{{"_id":"{self.id}","customer_id":"{self.customer_id}","price":{self.price:f},'
            f'"items":[{items}],"status":{_quoted(self.status)}}}'
        )
        return text.encode()


def read_order(fields: Fields, order_id: Id) -> Order:
    """Read an order's published fields, its id aside; faults stay in `fields`."""
    return Order(
        id=order_id,
        customer_id=fields.id("customer_id"),
        price=fields.price("price"),
        items=tuple(
            Item(item.id("product_id"), item.integer("quantity", lowest=1))
            for item in fields.each("items", MOST_ITEMS)
        ),
        status=fields.text("status", LONGEST_STATUS),
    )
