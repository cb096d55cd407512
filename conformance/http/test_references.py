"""An order names a customer and products that exist, or is answered 422 with each field that does not."""

from typing import Any

import pytest

from conformance.http.answers import Answer
from conformance.http.client import Api
from conformance.http.expect import failed
from conformance.http.given import NO_ID, Shop

pytestmark = pytest.mark.contract(
    "| 422 | `unknown_customer`, `unknown_product` | an order names one that does not exist; `errors` names each such "
    "field (`items[2].product_id`); with both, the code is `unknown_customer` and `errors` names all |",
)

UNKNOWN = "f" * 24


def send(api: Api, shop: Shop, way: str, **changes: Any) -> Answer:
    if way == "new":
        return api.post("/orders/new", shop.order_body(**changes))
    return api.put("/orders/update", shop.order_body(_id=shop.place_order(), **changes))


ways = pytest.mark.parametrize("way", ["new", "update"])


@ways
def test_a_customer_that_does_not_exist_is_named(api: Api, shop: Shop, way: str) -> None:
    for unknown in (NO_ID, UNKNOWN.upper(), shop.products[0]):
        answer = send(api, shop, way, customer_id=unknown)
        assert failed(answer, 422, "unknown_customer")
        assert answer.bad_fields == ["customer_id"]


@ways
def test_each_product_that_does_not_exist_is_named(api: Api, shop: Shop, way: str) -> None:
    ids = [shop.products[0], NO_ID, shop.products[1], NO_ID, UNKNOWN, shop.customer]
    answer = send(api, shop, way, items=[shop.item(product_id=item) for item in ids])
    assert failed(answer, 422, "unknown_product")
    assert answer.bad_fields == [f"items[{index}].product_id" for index in (1, 3, 4, 5)]


@ways
def test_with_both_the_customer_gives_the_code_and_all_are_named(
    api: Api, shop: Shop, way: str
) -> None:
    items = [shop.item(), shop.item(product_id=NO_ID)]
    answer = send(api, shop, way, customer_id=NO_ID, items=items)
    assert failed(answer, 422, "unknown_customer")
    assert answer.bad_fields == ["customer_id", "items[1].product_id"]


@ways
def test_hundreds_of_products_are_judged_as_one_is(api: Api, shop: Shop, way: str) -> None:
    items = [shop.item(product_id=f"{index:024x}") for index in range(299)] + [shop.item()]
    answer = send(api, shop, way, items=items)
    assert failed(answer, 422, "unknown_product")
    assert answer.bad_fields == sorted(f"items[{index}].product_id" for index in range(299))


@pytest.mark.contract("A user, an order or a product is replaced whole by an update")
def test_a_refused_update_changes_nothing(api: Api, shop: Shop) -> None:
    order_id = shop.place_order()
    before = api.get(f"/orders/{order_id}")
    update = shop.order_body(_id=order_id, price=99, customer_id=NO_ID)
    assert failed(api.put("/orders/update", update), 422, "unknown_customer")
    after = api.get(f"/orders/{order_id}")
    assert (after.document, after.headers["etag"]) == (before.document, before.headers["etag"])
