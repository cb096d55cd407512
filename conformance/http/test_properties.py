"""Whatever is sent: no answer is a 5xx, and what is valid comes back exactly."""

from decimal import Context, Decimal
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from conformance.http import lines
from conformance.http.client import JSON, Api, exchange
from conformance.http.events import Events
from conformance.http.exact_json import spelt, to_json
from conformance.http.given import NO_ID, Shop
from conformance.http.specification import OPERATIONS

pytestmark = pytest.mark.contract(
    "A 5xx says nothing of the inside: no stack trace, no driver message.",
    lines.MALFORMED,
)

thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No deadline: the time of an answer is not this test's, nor is it its own."""

LONGEST = Context(prec=34)

# Passwords that could be set are left out: hashing them is another test's matter, and slow.
texts = some.text(max_size=7) | some.sampled_from(["a@b", NO_ID, "x" * 257, " ", "\x00", "\u3000"])
numbers = some.integers() | some.floats(allow_nan=False, allow_infinity=False)
scalars = some.none() | some.booleans() | numbers | texts
values = some.recursive(
    scalars,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
ids = some.text("0123456789abcdefABCDEF", min_size=24, max_size=24) | some.just(NO_ID)
items = some.fixed_dictionaries(
    {"product_id": ids | values, "quantity": some.integers(1, 9) | values}
)
LISTED = {
    "_id": ids,
    "name": some.text(),
    "email": some.emails(),
    "password": texts,
    "confirm_password": texts,
    "old_password": texts,
    "new_password": texts,
    "customer_id": ids,
    "price": some.decimals(allow_nan=False, allow_infinity=False),
    "items": some.lists(items, max_size=5),
    "status": some.text(),
    "stock": some.integers(),
}
bodies = some.fixed_dictionaries(
    {}, optional={name: valid | values for name, valid in LISTED.items()}
)
WITH_BODY = [operation for operation in OPERATIONS.values() if operation.has_body]
operations = some.sampled_from(WITH_BODY)
path_ids = ids | some.text(ascii_letters, min_size=1, max_size=30)


@thorough
@given(operation=operations, path_id=path_ids, body=bodies | values)
def test_no_json_gives_a_5xx(api: Api, operation: Any, path_id: str, body: Any) -> None:
    path = operation.path.format(id=path_id)
    answer = api.request(operation.method, path, to_json(body), JSON)
    assert answer.status < 500


@thorough
@given(operation=operations, content=some.binary(max_size=200))
@example(operation=WITH_BODY[0], content=b'{"name":1e' + b"9" * 5_000 + b"}")
def test_no_bytes_give_a_5xx(api: Api, operation: Any, content: bytes) -> None:
    answer = api.request(operation.method, operation.path.format(id=NO_ID), content)
    assert answer.status < 500


tokens = some.text("".join(map(chr, range(0x20, 0x7F))), max_size=60)
header_lines = some.builds(
    lambda name, value: f"{name}: {value}".encode(),
    some.sampled_from(
        ["Content-Type", "Accept", "X-Request-ID", "traceparent", "Content-Encoding"]
    ),
    tokens,
)


@thorough
@given(headers=some.lists(header_lines, max_size=3))
def test_no_header_gives_a_5xx(url: str, headers: list[bytes]) -> None:
    assert exchange(url, "POST", "/products/new", *headers, body=b"{}").status < 500


@pytest.mark.safe
@thorough
@given(headers=some.lists(header_lines, max_size=3), target=tokens)
def test_no_target_gives_a_5xx(url: str, headers: list[bytes], target: str) -> None:
    path = "/" + "".join(character for character in target if character not in " ?#")
    assert exchange(url, "GET", path, *headers).status < 500


@some.composite
def prices(draw: some.DrawFn) -> Decimal:
    """Any price that is within bounds."""
    decimals = draw(some.integers(0, 34))
    highest = min(10**34 - 1, 10 ** (12 + decimals))
    return Decimal(draw(some.integers(0, highest))).scaleb(-decimals, LONGEST)


@some.composite
def spellings(draw: some.DrawFn, price: Decimal) -> str:
    """Any JSON number of this value, whose exponent is not too far away."""
    _, digits, exponent = price.as_tuple()
    assert isinstance(exponent, int)
    zeros = draw(some.integers(0, 40))
    text = "".join(map(str, digits)) + "0" * zeros
    exponent -= zeros
    point = draw(some.integers(0, len(text) + 5))
    exponent += point
    text = text.rjust(point + 1, "0")
    whole, fraction = text[: len(text) - point].lstrip("0") or "0", text[len(text) - point :]
    number = f"{whole}.{fraction}" if fraction else whole
    if exponent == 0 and draw(some.booleans()):
        return number
    sign = draw(some.sampled_from(["", "+"])) if exponent >= 0 else "-"
    padding = "0" * draw(some.integers(0, 3))
    return f"{number}{draw(some.sampled_from('eE'))}{sign}{padding}{abs(exponent)}"


@pytest.mark.contract(
    "answered as a JSON number equal to the one sent, though perhaps spelt differently (`12.5` for `12.50`)"
)
@thorough
@given(data=some.data(), price=prices())
def test_a_price_comes_back_exactly_however_it_was_spelt(
    api: Api, shop: Shop, data: some.DataObject, price: Decimal
) -> None:
    spelling = data.draw(spellings(price))
    assert Decimal(spelling) == price
    answer = api.post("/orders/new", shop.order_body(price=spelt(spelling)))
    assert answer.status == 201
    assert answer.data["price"] == price
    assert api.get(answer.headers["location"]).data["price"] == price


visible = some.characters(exclude_categories=["Cc", "Cs"])


@some.composite
def orders(draw: some.DrawFn, shop: Shop) -> dict[str, Any]:
    """Any valid order of what the shop has."""
    some_items = some.builds(
        lambda product, quantity: {"product_id": product, "quantity": quantity},
        some.sampled_from(shop.products),
        some.integers(1, 2_147_483_647),
    )
    status = draw(some.text(visible, min_size=1, max_size=64)).strip() or "x"
    bought = draw(some.lists(some_items, min_size=1, max_size=20))
    return shop.order_body(price=draw(prices()), status=status, items=bought)


@pytest.mark.contract("the same five fields")
@thorough
@given(data=some.data())
def test_a_valid_order_comes_back_exactly(api: Api, shop: Shop, data: some.DataObject) -> None:
    expected = data.draw(orders(shop))
    body = expected | {"status": f" {expected['status']}\n"}

    placed = api.post("/orders/new", body)
    order_id = placed.data["_id"]
    assert placed.data == expected | {"_id": order_id}
    updated = api.put("/orders/update", body | {"_id": order_id})
    assert updated.data == placed.data
    assert api.get(f"/orders/{order_id}").data == placed.data


@pytest.mark.contract("Value: JSON, the order's five published fields.")
@settings(thorough, max_examples=50)
@given(data=some.data())
def test_the_event_of_a_valid_order_is_the_order(
    api: Api, shop: Shop, events: Events, data: some.DataObject
) -> None:
    placed = api.post("/orders/new", data.draw(orders(shop)))
    (event,) = events.of(placed.data["_id"], 1)
    assert event.value == placed.data


@pytest.mark.contract(
    "`name` and `status`: surrounding white space (`str.strip`) is trimmed first, then 1 to 256 and 1 to 64 characters"
)
@thorough
@given(name=some.text(visible, min_size=1, max_size=256), stock=some.integers(0, 2_147_483_647))
def test_a_valid_product_comes_back_exactly(api: Api, name: str, stock: int) -> None:
    trimmed = name.strip() or "x"
    answer = api.post("/products/new", {"name": f"\t{trimmed} ", "stock": stock})
    assert (answer.data["name"], answer.data["stock"]) == (trimmed, stock)
    assert api.get(answer.headers["location"]).data == answer.data
