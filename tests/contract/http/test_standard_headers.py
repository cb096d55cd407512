"""Headers that no old client needs to know."""

import pytest

from tests.contract.http.client import Api, exchange
from tests.contract.http.given import NO_ID, Shop, product_body
from tests.harness.events import Service

KEPT = ["x", "!", "~" * 128, "0b5c1e52-ada", 'a,b;c="d"', "{}<>\\^`|", "%0d%0a", "::1"]
REPLACED = ["", "x" * 129, "a b", "a\tb", "\x80", "\xe4", "x" * 10_000]


def shortened(value: str) -> str:
    return ascii(value[:12]) + str(len(value))


@pytest.mark.parametrize("request_id", KEPT, ids=shortened)
def test_a_request_id_is_echoed_on_every_kind_of_answer(
    service: Service, shop: Shop, request_id: str
) -> None:
    header = f"X-Request-ID: {request_id}".encode()
    for method, target in (
        ("GET", f"/users/{shop.customer}"),
        ("GET", "/users/x"),
        ("GET", f"/users/{NO_ID}"),
        ("HEAD", f"/users/{shop.customer}"),
        ("OPTIONS", "/users/x"),
        ("POST", "/users/login"),
        ("GET", "/nothing"),
        ("GET", "//"),
        ("DELETE", "/users/x"),
        ("GET", "/health/live"),
        ("GET", "/openapi.yaml"),
    ):
        answer = exchange(service.url, method, target, header)
        assert answer.headers["x-request-id"] == request_id
    bad_host = exchange(service.url, "GET", "/users/x", header, host=b"a b")
    assert (bad_host.status, bad_host.headers["x-request-id"]) == (400, request_id)


@pytest.mark.parametrize("request_id", REPLACED, ids=shortened)
def test_anything_else_is_replaced_by_a_new_one(service: Service, request_id: str) -> None:
    header = b"X-Request-ID: " + request_id.encode("latin-1")
    made = {
        exchange(service.url, "GET", "/users/x", header).headers["x-request-id"] for _ in range(3)
    }
    assert len(made) == 3
    assert request_id not in made


def test_without_a_request_id_each_answer_has_its_own(api: Api) -> None:
    made = {api.get("/users/x").headers["x-request-id"] for _ in range(10)}
    assert len(made) == 10


def test_an_etag_stands_where_one_entity_does_and_nowhere_else(api: Api, shop: Shop) -> None:
    assert api.get(f"/users/{shop.customer}").headers.get_list("etag") == ['"1"']
    for answer in (
        api.get("/users/x"),
        api.get(f"/users/{NO_ID}"),
        api.get("/health/live"),
        api.post("/products/new", {}),
        api.post("/orders/new", shop.order_body(customer_id=NO_ID)),
        api.put("/products/update", product_body(_id=NO_ID)),
    ):
        assert "etag" not in answer.headers
        assert "location" not in answer.headers


def test_a_location_leads_to_the_new_entity(api: Api, shop: Shop) -> None:
    for path, body in (("/products/new", product_body()), ("/orders/new", shop.order_body())):
        answer = api.post(path, body)
        assert api.get(answer.headers["location"]).data == answer.data


def test_answers_tell_their_length_and_not_their_server(api: Api, shop: Shop) -> None:
    for answer in (api.get(f"/users/{shop.customer}"), api.get("/nothing"), api.get("/docs")):
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers
