"""What is asked of each contender, and that it answers as it should."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from benchmarks.contenders import Contender

CUSTOMERS = 30
PRODUCTS = 1_000
REQUESTS = 5_000
PASSWORD = "correct horse battery"  # noqa: S105 - nobody's

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A kind of request; `is_change` tells that each makes an event, `is_hash` that each makes a password hash."""

    name: str
    requests: Callable[[Contender], Sequence[str]]
    is_change: bool = False
    is_hash: bool = False


def get_ready(contender: Contender) -> None:
    """Make customers and products, and check that it answers as it should."""
    emails = [f"{token_hex(6)}@example.com" for _ in range(CUSTOMERS)]
    contender.known["emails"] = emails
    contender.known["customers"] = [
        _made(contender, "/users/register", _registration(email)) for email in emails
    ]
    contender.known["products"] = [
        _made(contender, "/products/new", {"name": f"Lamp {number}", "stock": number})
        for number in range(PRODUCTS)
    ]
    _check(contender)


def _check(contender: Contender) -> None:
    email = contender.known["emails"][0]
    order = _order(contender)
    order_id = _made(contender, "/orders/new", order)
    changed = _order(contender) | {"_id": order_id, "status": "paid"}
    new = "POST", "/orders/new"
    expected: list[tuple[tuple[str, str, object], int, Json | None]] = [
        (("GET", f"/orders/{order_id}", None), 200, order | {"_id": order_id}),
        (("PUT", "/orders/update", changed), 200, changed),
        (("GET", f"/orders/{order_id}", None), 200, changed),
        (("PUT", "/orders/update", changed | {"_id": "0" * 24}), 404, None),
        ((*new, order | {"customer_id": "0" * 24}), 422, None),
        ((*new, order | {"items": [{"product_id": "0" * 24, "quantity": 1}]}), 422, None),
        (("POST", "/users/login", {"email": email, "password": PASSWORD}), 200, None),
        (("POST", "/users/login", {"email": email, "password": "x" * 9}), 401, None),
        (("POST", "/users/register", _registration(email)), 409, None),
    ]
    bad: list[Json] = [
        {"price": -1},
        {"items": []},
        {"items": [{}]},
        {"status": ""},
        {"customer_id": 1},
    ]
    for request, status, data in expected:
        answer = contender.ask(*request)
        if answer[0] != status or data not in (None, answer[1]):
            raise AssertionError(f"{contender.name}: {request} was answered {answer}")
    for fault in bad:
        answer = contender.ask(*new, order | fault)
        if answer[0] not in (400, 422):
            raise AssertionError(f"{contender.name}: {fault} was answered {answer}")
    contender.await_events(2)


def _made(contender: Contender, path: str, body: Json) -> str:
    status, data = contender.ask("POST", path, body)
    if status != 201:
        raise AssertionError(f"{contender.name}: {path} was answered {status} {data}")
    return str(data["_id"])


def _registration(email: str) -> Json:
    return {"name": "Ada", "email": email, "password": PASSWORD, "confirm_password": PASSWORD}


def _order(contender: Contender) -> Json:
    return {
        "customer_id": random.choice(contender.known["customers"]),
        "price": random.randrange(1, 100_000) / 100,
        "items": [
            {"product_id": product_id, "quantity": random.randrange(1, 10)}
            for product_id in random.sample(contender.known["products"], 3)
        ],
        "status": "new",
    }


def _lines(method: str, path: str, bodies: Sequence[Json]) -> Sequence[str]:
    return [f"{method} {path} {json.dumps(body, separators=(',', ':'))}" for body in bodies]


def place_orders(contender: Contender) -> Sequence[str]:
    """New orders of three items."""
    return _lines("POST", "/orders/new", [_order(contender) for _ in range(REQUESTS)])


def update_orders(contender: Contender) -> Sequence[str]:
    """Changes of orders that are stored."""
    ids = contender.some_orders(REQUESTS)
    random.shuffle(ids)
    return _lines(
        "PUT", "/orders/update", [_order(contender) | {"_id": one, "status": "paid"} for one in ids]
    )


def get_orders(contender: Contender) -> Sequence[str]:
    """Orders that are stored."""
    return [f"GET /orders/{order_id}" for order_id in contender.some_orders(REQUESTS)]


def add_products(_: Contender) -> Sequence[str]:
    """New products."""
    return _lines(
        "POST", "/products/new", [{"name": f"Lamp {n}", "stock": n} for n in range(REQUESTS)]
    )


def register_users(_: Contender) -> Sequence[str]:
    """New users."""
    bodies = [_registration(f"{token_hex(8)}@example.com") for _ in range(REQUESTS)]
    return _lines("POST", "/users/register", bodies)


def log_users_in(contender: Contender) -> Sequence[str]:
    """Users with their right password."""
    bodies = [{"email": email, "password": PASSWORD} for email in contender.known["emails"]]
    return _lines("POST", "/users/login", bodies)


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("POST /orders/new", place_orders, is_change=True),
        Operation("PUT /orders/update", update_orders, is_change=True),
        Operation("GET /orders/:id", get_orders),
        Operation("POST /products/new", add_products),
        Operation("POST /users/register", register_users, is_hash=True),
        Operation("POST /users/login", log_users_in, is_hash=True),
    )
}
