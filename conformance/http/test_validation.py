"""`validation_failed` names every bad field at once, one entry a field."""

from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import JSON, Api
from conformance.http.exact_json import to_json
from conformance.http.expect import refused
from conformance.http.given import NO_ID, Shop, new_email, user_body
from conformance.http.specification import OPERATIONS, Operation

pytestmark = pytest.mark.contract("that names every bad field at once, one entry a field")

WITH_BODY = [operation for operation in OPERATIONS.values() if operation.has_body]
operations = pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)


def send(api: Api, operation: Operation, body: object) -> Answer:
    path = operation.path.format(id=NO_ID)
    return api.request(operation.method, path, to_json(body), JSON)


@pytest.mark.contract(lines.LISTED)
@operations
def test_an_empty_object_lacks_every_listed_field(api: Api, operation: Operation) -> None:
    answer = send(api, operation, {})
    assert refused(answer, *operation.fields)
    assert all(error.keys() == {"field", "reason"} for error in answer.data["errors"])


@pytest.mark.contract(lines.LISTED)
@operations
def test_null_is_a_wrong_type_everywhere(api: Api, operation: Operation) -> None:
    assert refused(send(api, operation, dict.fromkeys(operation.fields)), *operation.fields)


@pytest.mark.contract("`validation_failed` (path and body together)")
def test_path_and_body_are_judged_together(api: Api) -> None:
    fields = OPERATIONS["editUser"].fields
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
