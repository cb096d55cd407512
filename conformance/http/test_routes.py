"""Which path and method lead where."""

import re

import pytest

from conformance.http import lines
from conformance.http.client import JSON, Api, exchange
from conformance.http.exact_json import to_json
from conformance.http.expect import failed, refused
from conformance.http.given import NO_ID, Shop, product_body

pytestmark = pytest.mark.contract(
    "**Routes.** A fixed path wins over `:id` for every method (`GET /users/register` is 405). One trailing slash is "
    "ignored. Query strings are ignored.",
)

SERVED = {
    "/users/register": {"POST"},
    "/users/login": {"POST"},
    f"/users/edit/{NO_ID}": {"PUT"},
    "/users/edit/register": {"PUT"},
    f"/users/{NO_ID}": {"GET", "HEAD"},
    "/users/edit": {"GET", "HEAD"},
    "/users/new": {"GET", "HEAD"},
    "/products/new": {"POST"},
    "/products/update": {"PUT"},
    f"/products/{NO_ID}": {"GET", "HEAD"},
    "/products/edit": {"GET", "HEAD"},
    "/orders/new": {"POST"},
    "/orders/update": {"PUT"},
    f"/orders/{NO_ID}": {"GET", "HEAD"},
    "/orders/NEW": {"GET", "HEAD"},
    "/health/live": {"GET", "HEAD"},
    "/health/ready": {"GET", "HEAD"},
}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LINK"}
NO_ROUTES = [
    "/",
    "/users",
    "/users/",
    "/orders",
    "/products/",
    "/health",
    "/health/",
    "/nothing",
    "/Users/register",
    "/USERS/x",
    "/orders/new/x",
    "/orders/x/new",
    f"/orders/{NO_ID}/items",
    "/users/register/x",
    "/users/edit/x/y",
    "/users/x/edit",
    "//orders/new",
    "/orders//new",
    "//",
    "/orders/new//",
    f"/orders/{NO_ID}//",
    f"//users/{NO_ID}",
    "/users/a%2Fb",
    "/-/",
    "/v1/orders/new",
    "/%00",
]  # fmt: skip


def allowed(value: str) -> set[str]:
    return set(re.split(r"\s*,\s*", value))


@pytest.mark.contract("| 405 | `method_not_allowed` | with an `Allow` header")
@pytest.mark.safe
@pytest.mark.parametrize("path", [path for path, methods in SERVED.items() if "GET" not in methods])
def test_a_path_that_cannot_be_read_is_answered_405(api: Api, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = api.request(method, path)
        assert answer.status == 405
        assert allowed(answer.headers["allow"]) == SERVED[path] | {"OPTIONS"}


@pytest.mark.contract(
    "| 405 | `method_not_allowed` | with an `Allow` header",
    "Nothing is ever deleted through the API.",
)
@pytest.mark.parametrize("path", SERVED)
def test_other_methods_are_answered_405_with_what_is_allowed(api: Api, path: str) -> None:
    for method in sorted(METHODS - SERVED[path]):
        answer = api.request(method, path)
        assert answer.status == 405
        assert method == "HEAD" or answer.code == "method_not_allowed"
        assert allowed(answer.headers["allow"]) == SERVED[path] | {"OPTIONS"}


@pytest.mark.contract(lines.OPTIONS)
@pytest.mark.safe
@pytest.mark.parametrize("path", SERVED)
def test_options_is_answered_204_with_what_is_allowed(api: Api, path: str) -> None:
    for target in (path, f"{path}/", f"{path}?x=y"):
        answer = api.request("OPTIONS", target)
        assert (answer.status, answer.body) == (204, b"")
        assert allowed(answer.headers["allow"]) == SERVED[path] | {"OPTIONS"}


@pytest.mark.contract(lines.NO_ROUTE)
@pytest.mark.parametrize("path", NO_ROUTES)
def test_what_is_no_route_is_not_found_whatever_the_method(url: str, path: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert failed(exchange(url, method, path), 404, "not_found")


@pytest.mark.contract(lines.NO_ROUTE)
@pytest.mark.safe
@pytest.mark.parametrize("path", NO_ROUTES)
def test_what_is_no_route_cannot_be_read(url: str, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        assert failed(exchange(url, method, path), 404, "not_found")
    assert exchange(url, "HEAD", path).status == 404


@pytest.mark.safe
@pytest.mark.parametrize("name", ["register", "login", "new", "update"])
def test_a_fixed_path_wins_over_an_id_for_every_method(api: Api, name: str) -> None:
    for kind in ("users", "products", "orders"):
        path = f"/{kind}/{name}"
        if "GET" not in SERVED.get(path, {"GET"}):
            assert failed(api.get(path), 405, "method_not_allowed")
        else:
            assert refused(api.get(path), "id")


@pytest.mark.safe
def test_the_beginning_of_a_fixed_path_is_an_id(api: Api) -> None:
    for target in ("/users/edit", "/users/edit/"):
        assert refused(api.get(target), "id")


def test_one_trailing_slash_is_ignored(api: Api, shop: Shop) -> None:
    assert api.post("/products/new/", product_body()).status == 201
    assert api.post("/orders/new/", shop.order_body()).status == 201
    order_id = shop.place_order()
    assert api.get(f"/orders/{order_id}/").document == api.get(f"/orders/{order_id}").document
    assert api.put("/orders/update/", shop.order_body(_id=order_id)).status == 200
    assert failed(api.get("/orders/new/"), 405, "method_not_allowed")
    assert refused(
        api.put("/users/edit/x/", {}), "id", "_id", "name", "email", "old_password", "new_password"
    )
    assert api.get("/health/live/").status == 200


QUERIES = [
    "?",
    "?a=b",
    "?id=x&_id=y",
    "?a=%",
    "?%FF=%GG",
    '?"<>',
    "?a[]=1&a=2",
    "?" + "x" * 30_000,
    "?/x//y",
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:20])
def test_a_query_string_is_ignored(url: str, shop: Shop, query: str) -> None:
    target = f"/users/{shop.customer}{query}"
    answer = exchange(url, "GET", target)
    assert (answer.status, answer.data["_id"]) == (200, shop.customer)
    body = to_json(product_body())
    assert exchange(url, "POST", f"/products/new{query}", body=body).status == 201


@pytest.mark.contract(lines.OPTIONS)
@pytest.mark.parametrize("path", ["/users/{}", "/products/{}", "/orders/{}"])
def test_head_answers_as_get_does_without_a_body(api: Api, shop: Shop, path: str) -> None:
    known = {
        "/users/{}": shop.customer,
        "/products/{}": shop.products[0],
        "/orders/{}": shop.place_order(),
    }[path]
    for target in (path.format(known), path.format(NO_ID), path.format("x")):
        headers = {"X-Request-ID": "the-same"}
        read, head = api.get(target, headers), api.request("HEAD", target, headers=headers)
        assert (head.status, head.body) == (read.status, b"")
        for name in ("content-type", "content-length", "etag", "vary", "x-request-id"):
            assert head.headers.get(name) == read.headers.get(name), name


@pytest.mark.contract(lines.OPTIONS)
@pytest.mark.safe
def test_head_of_health_and_of_no_route(api: Api) -> None:
    assert api.request("HEAD", "/health/live").status == 200
    assert api.request("HEAD", "/health/ready").status == 200
    assert api.request("HEAD", "/nothing").status == 404


def test_a_target_in_absolute_form_is_served(url: str, shop: Shop) -> None:
    answer = exchange(url, "GET", f"http://elsewhere/users/{shop.customer}")
    assert answer.data["_id"] == shop.customer


def test_a_path_may_be_percent_encoded(api: Api, shop: Shop) -> None:
    encoded = "".join(f"%{ord(character):02x}" for character in shop.customer)
    assert api.get(f"/users/{encoded}").data["_id"] == shop.customer
    body = to_json(product_body())
    assert api.request("POST", "/%70roducts/ne%77", body, JSON).status == 201
