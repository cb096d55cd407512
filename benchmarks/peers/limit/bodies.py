"""Bodies: decoded once, checked by hand."""

import re
from decimal import Decimal
from typing import Any

import msgspec
from bson import ObjectId

decode = msgspec.json.Decoder(float_hook=Decimal).decode
is_id = re.compile(r"[0-9a-fA-F]{24}").fullmatch
is_email = re.compile(r"[^@\s]+@[^@\s]+").fullmatch
MAX_INT = 2_147_483_647


class Invalid(Exception):
    """Some fields break the rules; all of them are named."""


def read(body: bytes) -> dict[str, Any]:
    """Decode an object."""
    try:
        value = decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        raise Invalid(["body"]) from None
    if type(value) is not dict:
        raise Invalid(["body"])
    return value


def text(value: Any, field: str, longest: int, bad: list[str]) -> str:
    """Check a text, and trim it."""
    if type(value) is str and 1 <= len(value := value.strip()) <= longest and value.isprintable():
        return value
    bad.append(field)
    return ""


def integer(value: Any, field: str, lowest: int, bad: list[str]) -> int:
    """Check an integer."""
    if type(value) is int and lowest <= value <= MAX_INT:
        return value
    bad.append(field)
    return 0


def object_id(value: Any, field: str, bad: list[str]) -> ObjectId | None:
    """Check an id."""
    if type(value) is str and is_id(value):
        return ObjectId(value)
    bad.append(field)
    return None


def price(value: Any, bad: list[str]) -> Decimal:
    """Check a price, exact."""
    if (type(value) is Decimal or type(value) is int) and 0 <= value <= 10**12:
        exact = Decimal(value)
        _, digits, exponent = exact.as_tuple()
        if len(digits) <= 34 and int(exponent) >= -34:
            return exact
    bad.append("price")
    return Decimal(0)


def order(values: dict[str, Any], bad: list[str]) -> dict[str, Any]:
    """Read an order's fields, as they are stored."""
    items = values.get("items")
    if type(items) is not list or not 1 <= len(items) <= 1000:
        bad.append("items")
        items = []
    read_items = []
    for i, item in enumerate(items):
        if type(item) is not dict:
            bad.append(f"items[{i}]")
            continue
        product_id = object_id(item.get("product_id"), f"items[{i}].product_id", bad)
        quantity = integer(item.get("quantity"), f"items[{i}].quantity", 1, bad)
        read_items.append({"product_id": product_id, "quantity": quantity})
    stored = {
        "customer_id": object_id(values.get("customer_id"), "customer_id", bad),
        "price": price(values.get("price"), bad),
        "items": read_items,
        "status": text(values.get("status"), "status", 64, bad),
    }
    if bad:
        raise Invalid(bad)
    return stored
