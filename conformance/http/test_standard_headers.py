"""Headers that no old client needs to know."""

import pytest

from conformance.http import lines
from conformance.http.client import Api, exchange
from conformance.http.given import NO_ID, Shop, product_body

pytestmark = pytest.mark.contract(lines.REQUEST_ID)

KEPT = ["x", "!", "~" * 128, "0b5c1e52-ada", 'a,b;c="d"', "{}<>\\^`|", "%0d%0a", "::1"]
REPLACED = ["", "x" * 129, "a b", "a\tb", "\x80", "\xe4", "x" * 10_000]


def shortened(value: str) -> str:
    return ascii(value[:12]) + str(len(value))


@pytest.mark.parametrize("request_id", KEPT, ids=shortened)
def test_a_request_id_is_echoed_on_every_kind_of_answer(
    url: str, shop: Shop, request_id: str
) -> None:
    header = f"X-Request-ID: {request_id}".encode()
    for method, target in (
        ("GET", f"/users/{shop.customer}"),
        ("HEAD", f"/users/{shop.customer}"),
        ("POST", "/users/login"),
        ("POST", "/products/new"),
        ("DELETE", "/users/x"),
    ):
        answer = exchange(url, method, target, header)
        assert answer.headers["x-request-id"] == request_id


@pytest.mark.safe
@pytest.mark.parametrize("request_id", KEPT, ids=shortened)
def test_a_request_id_is_echoed_when_nothing_is_read(url: str, request_id: str) -> None:
    header = f"X-Request-ID: {request_id}".encode()
    for method, target in (
        ("GET", "/users/x"),
        ("GET", f"/users/{NO_ID}"),
        ("HEAD", f"/users/{NO_ID}"),
        ("OPTIONS", "/users/x"),
        ("GET", "/nothing"),
        ("GET", "//"),
        ("GET", "/health/live"),
        ("GET", "/openapi.yaml"),
    ):
        answer = exchange(url, method, target, header)
        assert answer.headers["x-request-id"] == request_id
    bad_host = exchange(url, "GET", "/users/x", header, host=b"a b")
    assert (bad_host.status, bad_host.headers["x-request-id"]) == (400, request_id)


@pytest.mark.safe
@pytest.mark.parametrize("request_id", REPLACED, ids=shortened)
def test_anything_else_is_replaced_by_a_new_one(url: str, request_id: str) -> None:
    header = b"X-Request-ID: " + request_id.encode("latin-1")
    made = {exchange(url, "GET", "/users/x", header).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert request_id not in made


@pytest.mark.safe
def test_without_a_request_id_each_answer_has_its_own(api: Api) -> None:
    made = {api.get("/users/x").headers["x-request-id"] for _ in range(10)}
    assert len(made) == 10


@pytest.mark.contract(
    '`ETag` (that entity\'s version, from 1, quoted: `"3"`) on every answer that carries one entity, login aside'
)
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


@pytest.mark.contract("`Location` on 201 (`/orders/<id>` and its kind)")
def test_a_location_leads_to_the_new_entity(api: Api, shop: Shop) -> None:
    for path, body in (("/products/new", product_body()), ("/orders/new", shop.order_body())):
        answer = api.post(path, body)
        assert api.get(answer.headers["location"]).data == answer.data
