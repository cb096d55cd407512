"""`validation_failed` names every bad field at once, one entry a field."""

from typing import Any

import pytest

from tests.contract.http.client import Api
from tests.contract.http.expect import refused
from tests.contract.http.given import NO_ID, Shop, new_email, user_body

ORDER = ["customer_id", "price", "items", "status"]
LISTED: dict[str, tuple[str, str, list[str]]] = {
    "registerUser": (
        "POST",
        "/users/register",
        ["name", "email", "password", "confirm_password"],
    ),
    "loginUser": ("POST", "/users/login", ["email", "password"]),
    "editUser": (
        "PUT",
        f"/users/edit/{NO_ID}",
        ["_id", "name", "email", "old_password", "new_password"],
    ),
    "addProduct": ("POST", "/products/new", ["name", "stock"]),
    "updateProduct": ("PUT", "/products/update", ["_id", "name", "stock"]),
    "placeOrder": ("POST", "/orders/new", ORDER),
    "updateOrder": ("PUT", "/orders/update", ["_id", *ORDER]),
}


@pytest.mark.parametrize("operation", LISTED)
def test_an_empty_object_lacks_every_listed_field(api: Api, operation: str) -> None:
    method, path, fields = LISTED[operation]
    answer = api.request(method, path, b"{}")
    assert refused(answer, *fields)
    assert [error["field"] for error in answer.data["errors"]] == fields
    assert all(error.keys() == {"field", "reason"} for error in answer.data["errors"])


@pytest.mark.parametrize("operation", LISTED)
def test_null_is_a_wrong_type_everywhere(api: Api, operation: str) -> None:
    method, path, fields = LISTED[operation]
    send = api.post if method == "POST" else api.put
    assert refused(send(path, dict.fromkeys(fields)), *fields)


def test_path_and_body_are_judged_together(api: Api) -> None:
    fields = LISTED["editUser"][2]
    assert refused(api.request("PUT", "/users/edit/x", b"{}"), "id", *fields)


def test_every_bad_field_of_every_item_is_named(api: Api, shop: Shop) -> None:
    items: list[Any] = [
        shop.item(quantity=0),
        {},
        shop.item(),
        5,
        {"product_id": 5, "quantity": "5"},
        {"product_id": "x"},
    ]
    items += [shop.item()] * 993 + [shop.item(product_id="x")]
    body = shop.order_body(items=items, customer_id=None, price=-1, status=" ")
    bad = [
        "customer_id",
        "price",
        "status",
        "items[0].quantity",
        "items[1].product_id",
        "items[1].quantity",
        "items[3]",
        "items[4].product_id",
        "items[4].quantity",
        "items[5].product_id",
        "items[5].quantity",
        "items[999].product_id",
    ]
    assert refused(api.post("/orders/new", body), *bad)
    assert refused(api.put("/orders/update", body), "_id", *bad)


def test_two_bad_fields_in_each_item_are_two_errors_each(api: Api, shop: Shop) -> None:
    answer = api.post("/orders/new", shop.order_body(items=[{}] * 250))
    assert answer.status == 400
    named = [error["field"] for error in answer.data["errors"]]
    assert len(named) == len(set(named)) == 500


def test_of_a_field_with_two_faults_one_is_named(api: Api) -> None:
    assert refused(api.post("/products/new", {"name": "a\u0000" * 300, "stock": 0}), "name")


def test_nothing_is_stored_of_what_is_refused(api: Api) -> None:
    email = new_email()
    assert refused(api.post("/users/register", user_body(email=email, name="")), "name")
    assert api.post("/users/register", user_body(email=email)).status == 201
