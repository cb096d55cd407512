"""Which of several errors is answered: Host, route, size or type, JSON, fields, what is addressed, 409, 422."""

import pytest

from conformance.http.client import JSON, Api, exchange
from conformance.http.expect import failed, refused
from conformance.http.given import NO_ID, PASSWORD, Shop, edit_body, place, user_body

pytestmark = pytest.mark.contract(
    "Order of judgement: `Host`, the route (404, 405), then 413 or 415, `malformed_json`, `validation_failed` (path "
    "and body together), then 401/404 for what the request addresses, then 409, 412, 422.",
)

TEXT = {"Content-Type": "text/plain"}
TOO_LARGE = b"[" * 1_048_577


NO_HOSTS = [b"a b", b"<script>", b"a/b", b"a\\b", b"\xff", b'"', b"{}"]


@pytest.mark.safe
@pytest.mark.parametrize("host", NO_HOSTS, ids=ascii)
def test_the_host_comes_before_the_route(url: str, host: bytes) -> None:
    for method in ("GET", "OPTIONS"):
        for target in (f"/orders/{NO_ID}", "/nothing", "//"):
            answer = exchange(url, method, target, host=host)
            assert failed(answer, 400, "bad_request")


@pytest.mark.parametrize("host", NO_HOSTS, ids=ascii)
def test_the_host_comes_before_all_else(url: str, host: bytes) -> None:
    for method, target, body in (
        ("DELETE", "/orders/new", b""),
        ("POST", "/users/login", b"{"),
        ("POST", "/users/login", TOO_LARGE),
    ):
        answer = exchange(url, method, target, body=body, host=host)
        assert failed(answer, 400, "bad_request")


@pytest.mark.safe
@pytest.mark.contract(
    "| 400 | `bad_request` | a `Host` that is no host; anything else that the framework refuses with 400 |"
)
@pytest.mark.parametrize(
    "host", [b"localhost", b"a.b:8000", b"127.0.0.1:1", b"[::1]:80", b"a_b", b"%41", b""], ids=ascii
)
def test_any_host_will_do(url: str, host: bytes) -> None:
    assert failed(exchange(url, "GET", f"/users/{NO_ID}", host=host), 404, "not_found")


@pytest.mark.parametrize("headers", [JSON, TEXT, {"Content-Encoding": "gzip"}], ids=str)
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", TOO_LARGE], ids=lambda it: ascii(it[:2]))
def test_the_route_comes_before_the_body(api: Api, content: bytes, headers: dict[str, str]) -> None:
    assert failed(api.request("POST", "/orders", content, headers), 404, "not_found")
    assert failed(api.request("POST", "/nothing", content, headers), 404, "not_found")
    for method, path in (
        ("PUT", "/orders/new"),
        ("POST", "/orders/update"),
        ("POST", f"/orders/{NO_ID}"),
        ("PUT", "/users/x"),
        ("PATCH", "/users/login"),
        ("DELETE", "/products/x"),
    ):
        assert failed(api.request(method, path, content, headers), 405, "method_not_allowed")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"{}"])
def test_the_media_type_comes_before_the_json(api: Api, content: bytes) -> None:
    for path in ("/users/login", "/orders/new"):
        answer = api.request("POST", path, content, TEXT)
        assert failed(answer, 415, "unsupported_media_type")


def test_size_and_media_type_come_before_the_path(api: Api) -> None:
    assert api.request("PUT", "/users/edit/x", b"{}", TEXT).status == 415
    assert api.request("PUT", "/users/edit/x", TOO_LARGE, JSON).status == 413
    assert api.request("PUT", "/users/edit/x", TOO_LARGE, TEXT).status in (413, 415)


def test_the_json_comes_before_the_path_and_the_fields(api: Api) -> None:
    answer = api.request("PUT", "/users/edit/x", b"{", JSON)
    assert failed(answer, 400, "malformed_json")
    answer = api.request("POST", "/products/new", b'{"name": 5, "stock": "x", ', JSON)
    assert failed(answer, 400, "malformed_json")


def test_the_fields_come_before_what_is_addressed(api: Api, shop: Shop) -> None:
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, name="")), "name")
    update = shop.order_body(_id=NO_ID, customer_id=NO_ID, price=-1)
    assert refused(api.put("/orders/update", update), "price")
    taken = user_body()
    place(api, "/users/register", taken)
    assert refused(api.post("/users/register", taken | {"name": ""}), "name")


def test_an_unknown_user_comes_before_the_password_and_the_email(api: Api, shop: Shop) -> None:
    email = api.get(f"/users/{shop.customer}").data["email"]
    edit = edit_body(NO_ID, old_password="wrong", email=email)
    assert failed(api.put(f"/users/edit/{NO_ID}", edit), 404, "not_found")


def test_a_wrong_password_comes_before_a_taken_email(api: Api, shop: Shop) -> None:
    email = api.get(f"/users/{shop.customer}").data["email"]
    user_id = place(api, "/users/register", user_body())
    wrong = edit_body(user_id, old_password="wrong", email=email)
    assert failed(api.put(f"/users/edit/{user_id}", wrong), 401, "invalid_credentials")
    right = wrong | {"old_password": PASSWORD}
    assert failed(api.put(f"/users/edit/{user_id}", right), 409, "email_taken")


def test_an_unknown_order_comes_before_what_it_names(api: Api, shop: Shop) -> None:
    for changes in (
        {},
        {"customer_id": NO_ID},
        {"items": [shop.item(product_id=NO_ID)]},
        {"customer_id": NO_ID, "items": [shop.item(product_id=NO_ID)]},
    ):
        update = shop.order_body(_id=NO_ID) | changes
        answer = api.put("/orders/update", update)
        assert failed(answer, 404, "not_found")
        assert "order" in answer.data["detail"]
