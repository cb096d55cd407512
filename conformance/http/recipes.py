"""How to get the documented statuses of every operation, those aside that take a fault inside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.http.answers import Answer
from conformance.http.client import JSON, Api
from conformance.http.given import (
    NO_ID,
    PASSWORD,
    Shop,
    edit_body,
    new_email,
    place,
    product_body,
    user_body,
)
from conformance.http.specification import OPERATIONS

MOST_BYTES = 1_048_576


@dataclass(frozen=True)
class Kitchen:
    """A service, and what exists there."""

    api: Api
    shop: Shop

    @property
    def user(self) -> dict[str, Any]:
        """A customer who exists, as registered."""
        body = user_body()
        return body | {"_id": place(self.api, "/users/register", body)}


Recipe = Callable[[Kitchen], Answer]
ANY_ID = "0123456789abcdef01234567"


def path_of(operation_id: str) -> str:
    """Give a path that reaches the operation."""
    return OPERATIONS[operation_id].path.format(id=ANY_ID)


def valid_body(operation_id: str) -> dict[str, Any]:
    """Give a body that breaks no rule of the operation; what it names need not exist."""
    order = {"customer_id": ANY_ID, "price": 1, "status": "new"}
    order["items"] = [{"product_id": ANY_ID, "quantity": 1}]
    bodies: dict[str, dict[str, Any]] = {
        "registerUser": user_body(),
        "loginUser": {"email": new_email(), "password": PASSWORD},
        "editUser": edit_body(ANY_ID),
        "addProduct": product_body(),
        "updateProduct": product_body(_id=ANY_ID),
        "placeOrder": order,
        "updateOrder": order | {"_id": ANY_ID},
    }
    return bodies[operation_id]


def call(api: Api, operation_id: str) -> Answer:
    """Send what breaks no rule."""
    body = valid_body(operation_id) if OPERATIONS[operation_id].has_body else None
    return api.call(operation_id, body, id=ANY_ID)


def malformed(operation_id: str, kitchen: Kitchen) -> Answer:
    """Send no JSON."""
    operation = OPERATIONS[operation_id]
    return kitchen.api.request(operation.method, path_of(operation_id), b"{", JSON)


def bad_id(operation_id: str, kitchen: Kitchen) -> Answer:
    """Ask for what can have no such id."""
    return kitchen.api.call(operation_id, id="x")


def too_large(operation_id: str, kitchen: Kitchen) -> Answer:
    """Send one byte too many."""
    operation = OPERATIONS[operation_id]
    content = b"{}" + b" " * (MOST_BYTES - 1)
    return kitchen.api.request(operation.method, path_of(operation_id), content, JSON)


def wrong_type(operation_id: str, kitchen: Kitchen) -> Answer:
    """Send text."""
    operation = OPERATIONS[operation_id]
    headers = {"Content-Type": "text/plain"}
    return kitchen.api.request(operation.method, path_of(operation_id), b"{}", headers)


def absent(operation_id: str, kitchen: Kitchen) -> Answer:
    """Address what does not exist."""
    if operation_id == "editUser":
        return kitchen.api.call("editUser", edit_body(NO_ID), id=NO_ID)
    if operation_id == "updateOrder":
        return kitchen.api.call("updateOrder", kitchen.shop.order_body(_id=NO_ID))
    return call(kitchen.api, operation_id)


def edit(kitchen: Kitchen, **changes: Any) -> Answer:
    """Edit a new customer."""
    user_id = kitchen.user["_id"]
    return kitchen.api.call("editUser", edit_body(user_id, **changes), id=user_id)


def update_order(kitchen: Kitchen, **changes: Any) -> Answer:
    """Update a new order."""
    order_id = kitchen.shop.place_order()
    return kitchen.api.call("updateOrder", kitchen.shop.order_body(_id=order_id, **changes))


def update_product(kitchen: Kitchen) -> Answer:
    """Update a new product."""
    product_id = place(kitchen.api, "/products/new", product_body())
    return kitchen.api.call("updateProduct", product_body(_id=product_id))


def log_in(kitchen: Kitchen) -> Answer:
    """Log a new customer in."""
    return kitchen.api.call("loginUser", {"email": kitchen.user["email"], "password": PASSWORD})


ENTITIES = [operation.id for operation in OPERATIONS.values() if "health" not in operation.path]
WITH_BODY = [operation.id for operation in OPERATIONS.values() if operation.has_body]
READS = [operation_id for operation_id in ENTITIES if operation_id not in WITH_BODY]
ADDRESSED = [*READS, "editUser", "updateProduct", "updateOrder"]

RECIPES: Mapping[tuple[str, int], Recipe] = {
    **{(name, 400): partial(bad_id, name) for name in READS},
    **{(name, 400): partial(malformed, name) for name in WITH_BODY},
    **{(name, 404): partial(absent, name) for name in ADDRESSED},
    **{(name, 413): partial(too_large, name) for name in WITH_BODY},
    **{(name, 415): partial(wrong_type, name) for name in WITH_BODY},
    ("registerUser", 201): lambda kitchen: kitchen.api.call("registerUser", user_body()),
    ("registerUser", 409): lambda kitchen: kitchen.api.call(
        "registerUser", user_body(email=kitchen.user["email"])
    ),
    ("loginUser", 200): log_in,
    ("loginUser", 401): lambda kitchen: call(kitchen.api, "loginUser"),
    ("editUser", 200): edit,
    ("editUser", 401): lambda kitchen: edit(kitchen, old_password="wrong"),
    ("editUser", 409): lambda kitchen: edit(kitchen, email=kitchen.user["email"]),
    ("getUser", 200): lambda kitchen: kitchen.api.call("getUser", id=kitchen.shop.customer),
    ("addProduct", 201): lambda kitchen: kitchen.api.call("addProduct", product_body()),
    ("updateProduct", 200): update_product,
    ("getProduct", 200): lambda kitchen: kitchen.api.call(
        "getProduct", id=kitchen.shop.products[0]
    ),
    ("placeOrder", 201): lambda kitchen: kitchen.api.call("placeOrder", kitchen.shop.order_body()),
    ("placeOrder", 422): lambda kitchen: call(kitchen.api, "placeOrder"),
    ("updateOrder", 200): update_order,
    ("updateOrder", 422): lambda kitchen: update_order(kitchen, customer_id=NO_ID),
    ("getOrder", 200): lambda kitchen: kitchen.api.call("getOrder", id=kitchen.shop.place_order()),
    ("live", 200): lambda kitchen: kitchen.api.call("live"),
    ("ready", 200): lambda kitchen: kitchen.api.call("ready"),
}
