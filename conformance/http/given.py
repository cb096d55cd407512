"""What a test starts from: valid bodies, with changes, and entities that exist."""

from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from typing import Any

from conformance.http.client import Api

NO_ID = "0" * 24
"""An id that nothing has."""
PASSWORD = "correct horse"
FLOOD = 150
"""More than one process lets wait for its hasher; many together may serve them all."""


class _Missing:
    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()
"""As a change: leave the field out."""

_run = token_hex(4)
_numbers = count(1)


def new_name() -> str:
    """Give a word that no other check and no earlier run has used."""
    return f"c{_run}-{next(_numbers)}"


def new_email() -> str:
    """Give an email that nobody has yet."""
    return f"{new_name()}@example.test"


def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Give the body with some fields replaced, added, or `MISSING`."""
    merged = body | changes
    return {name: value for name, value in merged.items() if value is not MISSING}


def user_body(**changes: Any) -> dict[str, Any]:
    """Give a valid registration; `confirm_password` follows `password` unless it is given."""
    body = {"name": "Ada", "email": new_email(), "password": PASSWORD}
    confirmed = changes.get("password", PASSWORD)
    return changed(body, {"confirm_password": confirmed} | changes)


def product_body(**changes: Any) -> dict[str, Any]:
    """Give a valid product."""
    return changed({"name": "Engine", "stock": 3}, changes)


@dataclass(frozen=True)
class Shop:
    """A customer and two products, for tests that do not change them."""

    api: Api
    customer: str
    products: tuple[str, str]

    def order_body(self, **changes: Any) -> dict[str, Any]:
        """Give a valid order."""
        body = {
            "customer_id": self.customer,
            "price": 12,
            "items": [
                {"product_id": self.products[0], "quantity": 1},
                {"product_id": self.products[1], "quantity": 2},
            ],
            "status": "new",
        }
        return changed(body, changes)

    def item(self, **changes: Any) -> dict[str, Any]:
        """Give a valid item."""
        return changed({"product_id": self.products[0], "quantity": 1}, changes)

    def place_order(self, **changes: Any) -> str:
        """Place an order; give its id."""
        return place(self.api, "/orders/new", self.order_body(**changes))


def place(api: Api, path: str, body: dict[str, Any]) -> str:
    """Create an entity; give its id."""
    answer = api.post(path, body)
    assert answer.status == 201, answer
    return str(answer.data["_id"])


def open_shop(api: Api) -> Shop:
    """Make a shop."""
    customer = place(api, "/users/register", user_body())
    first, second = (place(api, "/products/new", product_body(name=name)) for name in "AB")
    return Shop(api, customer, (first, second))


def edit_body(user_id: str, **changes: Any) -> dict[str, Any]:
    """Give a valid edit of a user who was registered with `user_body`."""
    body = {
        "_id": user_id,
        "name": "Ada King",
        "email": new_email(),
        "old_password": PASSWORD,
        "new_password": "another horse",
    }
    return changed(body, changes)
