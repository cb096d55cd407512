"""Quantities, stocks and the length of items: strict integers, both sides of every bound."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.expect import refused
from conformance.http.given import MISSING, NO_ID, Shop, place, product_body

pytestmark = pytest.mark.contract("`quantity` 1 to 2147483647; `stock` 0 to 2147483647")

MOST = 2_147_483_647
NO_INTEGERS = [
    '"3"', "2.0", "1e2", "1E2", "0.5", "-1.0", "2147483647.0", "10e-1", "true", "false",
    "null", "[]", "[1]", "{}", '""',
]  # fmt: skip

Send = Callable[[Shop, Any], Answer]


def place_order(shop: Shop, quantity: Any) -> Answer:
    items = [shop.item(), shop.item(quantity=quantity)]
    return shop.api.post("/orders/new", shop.order_body(items=items))


def update_order(shop: Shop, quantity: Any) -> Answer:
    items = [shop.item(), shop.item(quantity=quantity)]
    body = shop.order_body(_id=shop.place_order(), items=items)
    return shop.api.put("/orders/update", body)


def add_product(shop: Shop, stock: Any) -> Answer:
    return shop.api.post("/products/new", product_body(stock=stock))


def update_product(shop: Shop, stock: Any) -> Answer:
    product_id = place(shop.api, "/products/new", product_body())
    return shop.api.put("/products/update", product_body(_id=product_id, stock=stock))


SENDERS: Mapping[str, tuple[Send, str, int]] = {
    "placeOrder": (place_order, "items[1].quantity", 1),
    "updateOrder": (update_order, "items[1].quantity", 1),
    "addProduct": (add_product, "stock", 0),
    "updateProduct": (update_product, "stock", 0),
}
operations = pytest.mark.parametrize("operation", SENDERS)


def integer_in(data: Any) -> int:
    """Find what was answered."""
    found = data["items"][1]["quantity"] if "items" in data else data["stock"]
    assert type(found) is int
    return found


@operations
def test_the_bounds_themselves_pass(shop: Shop, operation: str) -> None:
    send, _, lowest = SENDERS[operation]
    for value in (lowest, lowest + 1, MOST):
        assert integer_in(send(shop, value).data) == value


@operations
def test_one_beyond_does_not(shop: Shop, operation: str) -> None:
    send, field, lowest = SENDERS[operation]
    for value in (lowest - 1, MOST + 1, -MOST, 2**63, 2**64, 10**30, -(10**30)):
        assert refused(send(shop, spelt(str(value))), field)
    for digits in ("9" * 4_299, "9" * 4_300, "9" * 4_301, "9" * 5_000):
        assert refused(send(shop, spelt(digits)), field)
        assert refused(send(shop, spelt(f"-{digits}")), field)


@pytest.mark.contract(lines.STRICT)
@operations
@pytest.mark.parametrize("value", NO_INTEGERS)
def test_only_an_integer_is_one(shop: Shop, operation: str, value: str) -> None:
    send, field, _ = SENDERS[operation]
    assert refused(send(shop, spelt(value)), field)


@pytest.mark.contract(lines.LISTED)
@operations
def test_an_integer_is_required(shop: Shop, operation: str) -> None:
    send, field, _ = SENDERS[operation]
    assert refused(send(shop, MISSING), field)


def test_minus_zero_is_the_integer_zero(shop: Shop) -> None:
    assert integer_in(add_product(shop, spelt("-0")).data) == 0
    assert refused(place_order(shop, spelt("-0")), "items[1].quantity")


@pytest.mark.contract("`items`: 1 to 1,000, kept in order, repeats kept")
def test_1_to_1000_items_are_kept_in_order_and_repeats_are_kept(api: Api, shop: Shop) -> None:
    for length in (1, 1_000):
        items = [
            shop.item(product_id=shop.products[index % 3 % 2], quantity=index // 2 + 1)
            for index in range(length)
        ]
        body = shop.order_body(items=items)
        placed = api.post("/orders/new", body)
        assert placed.data["items"] == items
        updated = api.put("/orders/update", body | {"_id": placed.data["_id"]})
        assert updated.data["items"] == items
        assert api.get(f"/orders/{placed.data['_id']}").data["items"] == items


def send_items(api: Api, shop: Shop, items: Any) -> list[Answer]:
    body = shop.order_body(items=items)
    return [api.post("/orders/new", body), api.put("/orders/update", body | {"_id": NO_ID})]


@pytest.mark.contract("of a list that is too long only `items` is named")
def test_of_no_items_or_too_many_only_the_list_is_named(api: Api, shop: Shop) -> None:
    lists: list[list[Any]] = [[], [shop.item()] * 1_001, [5] * 1_001, [{}] * 2_000]
    for items in lists:
        for answer in send_items(api, shop, items):
            assert refused(answer, "items")


@pytest.mark.contract("`items` (list of `product_id` ObjectID, `quantity` int)")
@pytest.mark.parametrize("value", ["null", "true", "1", '"x"', "{}", '{"0": {}}'])
def test_items_are_a_list(api: Api, shop: Shop, value: str) -> None:
    for answer in send_items(api, shop, spelt(value)):
        assert refused(answer, "items")


@pytest.mark.contract(lines.LISTED)
def test_items_are_required(api: Api, shop: Shop) -> None:
    for answer in send_items(api, shop, MISSING):
        assert refused(answer, "items")


@pytest.mark.contract("an item that is no object is `items[2]`")
@pytest.mark.parametrize("value", ["null", "true", "1", '"x"', "[]", "1.5"])
def test_an_item_that_is_no_object_is_named_as_a_whole(api: Api, shop: Shop, value: str) -> None:
    items = [shop.item(), shop.item(quantity=0), spelt(value), shop.item(product_id="x")]
    for answer in send_items(api, shop, items):
        assert refused(answer, "items[1].quantity", "items[2]", "items[3].product_id")
