"""How to get every error that the specification shows an example of, those aside that take a fault inside."""

from collections.abc import Callable, Mapping
from typing import Any

from conformance.http.answers import Answer
from conformance.http.client import CheckedWire, exchange
from conformance.http.exact_json import to_json
from conformance.http.given import NO_ID, Shop, place, user_body

Cause = Callable[[Shop, bytes], Answer]
"""Gets an error, given a header line that says what is accepted."""


def post(url: str, path: str, accept: bytes, body: Any) -> Answer:
    """Send what is no valid request."""
    return exchange(url, "POST", path, accept, body=to_json(body))


def email_taken(shop: Shop, accept: bytes) -> Answer:
    """Register twice."""
    body = user_body()
    place(shop.api, "/users/register", body)
    return post(shop.api.url, "/users/register", accept, body)


def bad_host(shop: Shop, accept: bytes) -> Answer:
    """Name no host."""
    with CheckedWire(shop.api.url) as wire:
        return wire.begin("GET", f"/orders/{NO_ID}", accept, host=b"a b").answer()


def two_bad_fields(shop: Shop, accept: bytes) -> Answer:
    """Order nothing, and forget the status."""
    body = shop.order_body(items=[shop.item(quantity=0)])
    del body["status"]
    return post(shop.api.url, "/orders/new", accept, body)


def order_of_unknown(shop: Shop, accept: bytes, **changes: str) -> Answer:
    """Order a product that does not exist."""
    items = [shop.item(), shop.item(), shop.item(product_id=NO_ID)]
    return post(shop.api.url, "/orders/new", accept, shop.order_body(items=items) | changes)


def get(path: str) -> Cause:
    """Read what cannot be read."""
    return lambda shop, accept: exchange(shop.api.url, "GET", path, accept)


def post_bytes(body: bytes, *headers: bytes) -> Cause:
    """Send what is no JSON."""
    return lambda shop, accept: exchange(
        shop.api.url, "POST", "/users/login", accept, *headers, body=body
    )


CAUSES: Mapping[tuple[str, str], Cause] = {
    ("BadRequest", "bad_request"): bad_host,
    ("BadRequest", "malformed_json"): post_bytes(b"{"),
    ("BadRequest", "validation_failed"): two_bad_fields,
    ("BadId", "bad_request"): bad_host,
    ("BadId", "validation_failed"): get("/orders/x"),
    ("InvalidCredentials", "invalid_credentials"): post_bytes(
        b'{"email":"nobody@example.test","password":"x"}'
    ),
    ("NotFound", "not_found"): get(f"/orders/{NO_ID}"),
    ("MethodNotAllowed", "method_not_allowed"): get("/orders/new"),
    ("EmailTaken", "email_taken"): email_taken,
    ("BodyTooLarge", "body_too_large"): post_bytes(b"{}" + b" " * 1_048_576),
    ("UnsupportedMediaType", "unsupported_media_type"): post_bytes(
        b"{}", b"Content-Type: text/plain"
    ),
    ("UnknownReference", "unknown_customer"): lambda shop, accept: order_of_unknown(
        shop, accept, customer_id=NO_ID
    ),
    ("UnknownReference", "unknown_product"): order_of_unknown,
}
