"""Part 1 of the contract, key by key."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.given import (
    PASSWORD,
    Shop,
    edit_body,
    new_name,
    place,
    product_body,
    user_body,
)

pytestmark = pytest.mark.contract(lines.VERSIONS)


def published(status: int, message: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"status": status, "message": message, "data": {"data": data}}


def is_new(answer: Answer, path: str) -> str:
    """Check what every 201 has in common; give the new id."""
    new_id = str(answer.data["_id"])
    assert answer.status == 201
    assert answer.headers["location"] == f"{path}/{new_id}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/json"
    return new_id


@pytest.mark.contract(
    lines.SUCCESS["registerUser"],
    "The register answer satisfies both published forms at once: `_id`, `InsertedID` (the same id), `name`, `email`, "
    "and `password`, which is always the constant mask `********`",
)
def test_register_answers_both_published_forms_and_a_mask(api: Api) -> None:
    body = user_body(name="  Grace ", email=(email := f"Grace.{new_name()}@Example.test"))
    answer = api.post("/users/register", body)
    user_id = is_new(answer, "/users")
    data = {"_id": user_id, "InsertedID": user_id, "name": "Grace", "email": email}
    assert answer.document == published(201, "success", data | {"password": "********"})


@pytest.mark.contract(lines.SUCCESS["loginUser"])
def test_login_answers_the_misspelt_message_and_no_version(api: Api) -> None:
    email = f"Login.{new_name()}@Example.test"
    body = user_body(email=email)
    user_id = place(api, "/users/register", body)
    answer = api.post("/users/login", {"email": email.swapcase(), "password": PASSWORD})
    data = {"_id": user_id, "name": "Ada", "email": email}
    assert (answer.status, answer.document) == (200, published(200, "sucess", data))
    assert "etag" not in answer.headers


@pytest.mark.contract(lines.SUCCESS["editUser"])
def test_edit_replaces_name_email_and_password(api: Api) -> None:
    user_id = place(api, "/users/register", body := user_body())
    edit = edit_body(user_id, name=" Ada King\t")
    answer = api.put(f"/users/edit/{user_id}", edit)
    data = {"_id": user_id, "name": "Ada King", "email": edit["email"]}
    assert (answer.status, answer.document) == (200, published(200, "success", data))
    assert answer.headers["etag"] == '"2"'
    assert "location" not in answer.headers

    old = {"email": edit["email"], "password": body["password"]}
    assert api.post("/users/login", old).status == 401
    gone = {"email": body["email"], "password": edit["new_password"]}
    assert api.post("/users/login", gone).status == 401
    new = {"email": edit["email"], "password": edit["new_password"]}
    assert api.post("/users/login", new).data == data
    read = api.get(f"/users/{user_id}")
    assert (read.document, read.headers["etag"]) == (answer.document, '"2"')


@pytest.mark.contract(lines.SUCCESS["getUser"])
def test_get_user_answers_the_user(api: Api) -> None:
    user_id = place(api, "/users/register", body := user_body())
    answer = api.get(f"/users/{user_id}")
    data = {"_id": user_id, "name": "Ada", "email": body["email"]}
    assert (answer.status, answer.document) == (200, published(200, "success", data))
    assert answer.headers["etag"] == '"1"'


@pytest.mark.contract(lines.SUCCESS["addProduct"])
def test_a_new_product_is_answered_and_read_back(api: Api) -> None:
    answer = api.post("/products/new", product_body(name="\u00a0Karten \N{CARD INDEX}\n", stock=7))
    product_id = is_new(answer, "/products")
    data = {"_id": product_id, "name": "Karten \N{CARD INDEX}", "stock": 7}
    assert answer.document == published(201, "success", data)
    read = api.get(f"/products/{product_id}")
    assert (read.status, read.document) == (200, published(200, "success", data))
    assert read.headers["etag"] == '"1"'


@pytest.mark.contract(lines.SUCCESS["updateProduct"])
def test_a_product_is_replaced_whole(api: Api) -> None:
    product_id = place(api, "/products/new", product_body())
    data = {"_id": product_id, "name": "Other", "stock": 0}
    answer = api.put("/products/update", data)
    assert (answer.status, answer.document) == (200, published(200, "success", data))
    assert answer.headers["etag"] == '"2"'
    read = api.get(f"/products/{product_id}")
    assert (read.document, read.headers["etag"]) == (answer.document, '"2"')


@pytest.mark.contract(lines.SUCCESS["placeOrder"])
def test_a_new_order_is_answered_and_read_back(api: Api, shop: Shop) -> None:
    body = shop.order_body(price=Decimal("12.05"), status=" new ")
    answer = api.post("/orders/new", body)
    order_id = is_new(answer, "/orders")
    data = body | {"_id": order_id, "status": "new"}
    assert answer.document == published(201, "success", data)
    read = api.get(f"/orders/{order_id}")
    assert (read.status, read.document) == (200, published(200, "success", data))
    assert read.headers["etag"] == '"1"'


@pytest.mark.contract(lines.SUCCESS["updateOrder"])
def test_an_order_update_answers_http_200_and_201_in_the_body(api: Api, shop: Shop) -> None:
    order_id = shop.place_order()
    items = [shop.item(quantity=5), shop.item(quantity=5), shop.item(quantity=1)]
    data = shop.order_body(price=0, items=items, status="paid") | {"_id": order_id}
    answer = api.put("/orders/update", data)
    assert (answer.status, answer.document) == (200, published(201, "success", data))
    assert answer.headers["etag"] == '"2"'
    read = api.get(f"/orders/{order_id}")
    assert (read.status, read.document) == (200, published(200, "success", data))
    assert read.headers["etag"] == '"2"'


def test_every_accepted_update_makes_a_version_also_when_nothing_differs(
    api: Api, shop: Shop
) -> None:
    order = shop.order_body() | {"_id": shop.place_order()}
    product = product_body() | {"_id": place(api, "/products/new", product_body())}
    for version in (2, 3, 4):
        assert api.put("/orders/update", order).headers["etag"] == f'"{version}"'
        assert api.put("/products/update", product).headers["etag"] == f'"{version}"'


@pytest.mark.contract(lines.VERSIONS, "A new password may equal the old.")
def test_every_accepted_edit_makes_a_version_also_when_nothing_differs(api: Api) -> None:
    user = user_body()
    user_id = place(api, "/users/register", user)
    same = edit_body(user_id, name=user["name"], email=user["email"], new_password=PASSWORD)
    for version in (2, 3):
        assert api.put(f"/users/edit/{user_id}", same).headers["etag"] == f'"{version}"'


@pytest.mark.contract(
    "Stock is data here: reserving it is the work of the services that read the events."
)
def test_an_order_takes_nothing_from_the_stock(api: Api, shop: Shop) -> None:
    product_id = place(api, "/products/new", product_body(stock=1))
    shop.place_order(items=[shop.item(product_id=product_id, quantity=2)])
    assert api.get(f"/products/{product_id}").data["stock"] == 1


def test_login_makes_no_version(api: Api) -> None:
    user_id = place(api, "/users/register", body := user_body())
    api.post("/users/login", {"email": body["email"], "password": PASSWORD})
    assert api.get(f"/users/{user_id}").headers["etag"] == '"1"'


@pytest.mark.contract(lines.NO_HASH)
def test_no_password_and_no_hash_leaves_the_system(api: Api) -> None:
    secret, next_secret = "my-s3cret-horse", "my-n3xt-s3cret"
    body = user_body(password=secret)
    answers = [api.post("/users/register", body)]
    user_id = answers[0].data["_id"]
    edit = edit_body(user_id, email=body["email"], old_password=secret, new_password=next_secret)
    answers += [
        api.post("/users/register", body),
        api.post("/users/register", body | {"confirm_password": "another-s3cret"}),
        api.post("/users/login", {"email": body["email"], "password": secret}),
        api.post("/users/login", {"email": body["email"], "password": secret * 100}),
        api.put(f"/users/edit/{user_id}", edit | {"name": ""}),
        api.put(f"/users/edit/{user_id}", edit),
        api.put(f"/users/edit/{user_id}", edit),
        api.get(f"/users/{user_id}"),
    ]
    assert [answer.status for answer in answers] == [201, 409, 400, 200, 400, 400, 200, 401, 200]
    for answer in answers:
        assert b"s3cret" not in answer.body
        assert b"argon2" not in answer.body


@pytest.mark.contract("fields that are not listed are ignored")
@pytest.mark.parametrize("extra", ["null", '"x"', '{"a": [1e5]}', "true"])
def test_fields_that_are_not_listed_are_ignored(api: Api, shop: Shop, extra: str) -> None:
    ignored = {"_id": spelt(extra), "id": spelt(extra), "Price": spelt(extra), "": spelt(extra)}
    items = [shop.item(price=spelt(extra), _id=spelt(extra))]
    answer = api.post("/orders/new", shop.order_body(items=items) | ignored)
    assert answer.status == 201
    assert answer.data["items"] == [shop.item()]
    assert api.post("/products/new", product_body() | ignored).status == 201
    product_id = place(api, "/products/new", product_body())
    update = product_body() | ignored | {"_id": product_id}
    assert api.put("/products/update", update).status == 200
