"""Ids: 24 hexadecimal digits, accepted in either case, answered in lower case."""

from typing import Any
from urllib.parse import quote

import pytest

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.expect import failed, refused
from conformance.http.given import (
    MISSING,
    NO_ID,
    Shop,
    edit_body,
    place,
    product_body,
    user_body,
)

pytestmark = pytest.mark.contract("An `ObjectID` is 24 hexadecimal digits, as MongoDB writes it.")

NO_IDS = [
    "0" * 23,
    "0" * 25,
    "g" + "0" * 23,
    "-" + "0" * 23,
    "0x" + "0" * 22,
    " " + "0" * 24,
    "0" * 24 + " ",
    "0" * 24 + "\n",
    "0" * 23 + "\n",
    "\uff10" * 24,
    "\u0660" * 24,
    "\N{LATIN SMALL LETTER DOTLESS I}" * 24,
    "twelve bytes",
]
NO_STRINGS = ["null", "1", "0" + "." + "0" * 22, "true", "[]", "{}", '{"$oid": "x"}']
READS = ["/users/{}", "/products/{}", "/orders/{}"]


@pytest.mark.contract("Ids are accepted in either case and answered in lower case.")
def test_ids_in_upper_case_are_accepted_and_answered_in_lower_case(api: Api, shop: Shop) -> None:
    items = [shop.item(product_id=product.upper()) for product in shop.products]
    placed = api.post(
        "/orders/new", shop.order_body(customer_id=shop.customer.upper(), items=items)
    )
    assert placed.data["customer_id"] == shop.customer
    assert [item["product_id"] for item in placed.data["items"]] == list(shop.products)

    order_id = placed.data["_id"]
    updated = api.put("/orders/update", shop.order_body(_id=order_id.upper(), items=items))
    assert updated.data["_id"] == order_id
    product_id = place(api, "/products/new", product_body())
    product = api.put("/products/update", product_body(_id=product_id.upper()))
    assert product.data["_id"] == product_id
    for path in (f"/orders/{order_id}", f"/products/{product_id}", f"/users/{shop.customer}"):
        upper = path[:-24] + path[-24:].upper()
        assert api.get(upper).document == api.get(path).document


@pytest.mark.contract("Ids are accepted in either case and answered in lower case.")
def test_ids_of_path_and_body_may_differ_in_case(api: Api) -> None:
    user_id = place(api, "/users/register", user_body())
    edited = api.put(f"/users/edit/{user_id.upper()}", edit_body(user_id))
    assert (edited.status, edited.data["_id"]) == (200, user_id)


@pytest.mark.parametrize("text", NO_IDS, ids=ascii)
def test_nothing_else_is_an_id(api: Api, shop: Shop, text: str) -> None:
    for value in (text, text.upper()):
        items = [shop.item(product_id=value)]
        order = shop.order_body(customer_id=value, items=items)
        bad = ("customer_id", "items[0].product_id")
        assert refused(api.post("/orders/new", order), *bad)
        assert refused(api.put("/orders/update", order | {"_id": value}), "_id", *bad)
        assert refused(api.put("/products/update", product_body(_id=value)), "_id")
        assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(value)), "_id")


@pytest.mark.safe
@pytest.mark.parametrize("text", NO_IDS, ids=ascii)
def test_nothing_else_is_an_id_in_a_path(api: Api, text: str) -> None:
    for path in READS:
        assert refused(api.get(path.format(quote(text))), "id")


@pytest.mark.parametrize("text", NO_IDS, ids=ascii)
def test_nothing_else_is_an_id_in_the_path_of_an_edit(api: Api, text: str) -> None:
    assert refused(api.put(f"/users/edit/{quote(text)}", edit_body(NO_ID)), "id")


@pytest.mark.parametrize("value", NO_STRINGS)
def test_an_id_is_a_string(api: Api, shop: Shop, value: str) -> None:
    no_id = spelt(value)
    order = shop.order_body(_id=no_id, customer_id=no_id, items=[shop.item(product_id=no_id)])
    bad = ("customer_id", "items[0].product_id")
    assert refused(api.post("/orders/new", order), *bad)
    assert refused(api.put("/orders/update", order), "_id", *bad)
    assert refused(api.put("/products/update", product_body(_id=no_id)), "_id")
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, _id=no_id)), "_id")


@pytest.mark.contract(lines.LISTED)
def test_an_id_is_required(api: Api, shop: Shop) -> None:
    order = shop.order_body(customer_id=MISSING, items=[shop.item(product_id=MISSING)])
    assert refused(api.put("/orders/update", order), "_id", "customer_id", "items[0].product_id")
    assert refused(api.put("/products/update", product_body()), "_id")
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, _id=MISSING)), "_id")


@pytest.mark.contract(
    lines.INVALID,
    "ids of path and body are compared only when both are ObjectIDs",
)
@pytest.mark.parametrize(
    ("in_path", "in_body", "bad"),
    [
        ("1" * 24, "2" * 24, ["_id"]),
        ("x", "2" * 24, ["id"]),
        ("1" * 24, "x", ["_id"]),
        ("x", "x", ["id", "_id"]),
        ("x", 5, ["id", "_id"]),
        ("x", MISSING, ["id", "_id"]),
    ],
    ids=str,
)
def test_ids_of_path_and_body_are_compared_only_when_both_are_ids(
    api: Api, in_path: str, in_body: Any, bad: list[str]
) -> None:
    body = edit_body(NO_ID, _id=in_body)
    assert refused(api.put(f"/users/edit/{in_path}", body), *bad)
    also = body | {"name": "", "id": "an id in the body is not listed"}
    assert refused(api.put(f"/users/edit/{in_path}", also), "name", *bad)


@pytest.mark.safe
@pytest.mark.contract(
    "| 404 | `not_found` | the user, order or product that the request addresses does not exist; no such route |"
)
@pytest.mark.parametrize("path", READS)
def test_an_id_that_nothing_has_is_not_found(api: Api, path: str) -> None:
    assert failed(api.get(path.format(NO_ID)), 404, "not_found")


@pytest.mark.contract(
    "| 404 | `not_found` | the user, order or product that the request addresses does not exist; no such route |"
)
@pytest.mark.parametrize("path", READS)
def test_an_id_of_another_kind_is_not_found(api: Api, shop: Shop, path: str) -> None:
    other = shop.customer if path != "/users/{}" else shop.products[0]
    assert failed(api.get(path.format(other)), 404, "not_found")
