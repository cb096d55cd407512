"""A little traffic for services that a test starts and stops."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from conformance.http.answers import Answer
from conformance.http.wire import Wire


@dataclass(frozen=True)
class Customer:
    """A client of one service, and an order that it may place."""

    url: str
    order: dict[str, Any]

    def place_order(self) -> str:
        """Place it; give its id."""
        return created(self.url, "/orders/new", self.order)

    def ready(self) -> httpx.Response:
        """Ask whether the service is ready."""
        return httpx.get(f"{self.url}/health/ready")


def new_customer(url: str, items: int = 1) -> Customer:
    """Register somebody who orders so many items."""
    user = {"name": "A", "email": "a@b", "password": "password", "confirm_password": "password"}
    customer = created(url, "/users/register", user)
    product = created(url, "/products/new", {"name": "P", "stock": 1})
    bought = [{"product_id": product, "quantity": 1}] * items
    order = {"customer_id": customer, "price": 1, "items": bought, "status": "new"}
    return Customer(url, order)


def created(url: str, path: str, body: dict[str, Any]) -> str:
    """Create an entity; give its id."""
    answer = httpx.post(f"{url}{path}", json=body, timeout=10)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["data"]["_id"])


def request_of(method: str, path: str, body: dict[str, Any]) -> bytes:
    """Give a whole request, to be sent by hand."""
    content = json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def begin(url: str, method: str, path: str, body: dict[str, Any]) -> Wire:
    """Send a whole request, and do not wait for its answer."""
    wire = Wire(url)
    wire.send(request_of(method, path, body))
    return wire


def answer_of(wire: Wire) -> Answer | None:
    """Read an answer and hang up; None where the server has hung up without one."""
    with wire:
        try:
            return wire.answer()
        except ConnectionError:
            return None
