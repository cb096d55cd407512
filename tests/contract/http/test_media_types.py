"""Which `Content-Type` counts as JSON, and that no `Content-Encoding` does."""

import gzip

import pytest

from tests.contract.http.client import exchange
from tests.contract.http.expect import failed
from tests.contract.http.given import NO_ID, Shop
from tests.harness.answers import Answer
from tests.harness.events import Service

BODY = b'{"name": "x", "stock": 1}'

JSON_TYPES = [
    "application/json",
    "APPLICATION/Json",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    "application/json ; charset=utf8",
    "application/json;CHARSET=Utf8",
    'application/json; charset="utf-8"',
    'application/json; charset="UTF8"',
    "application/json;",
    "application/json; x=y",
    "application/json; x=y; charset=utf-8; z",
    'application/json; x="a; charset=latin1"',
    "application/json; profile=charset",
    "  application/json  ",
    "",
    "   ",
]
OTHER_TYPES = [
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/problem+json",
    "application/vnd.api+json",
    "application/jsonx",
    "application/json5",
    "application",
    "json",
    "*/*",
    "application/*",
    "application/json, text/plain",
    "text/plain; charset=utf-8",
    "application/json; charset=latin1",
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-16",
    "application/json; charset=utf-8x",
    'application/json; charset="utf-16"',
    'application/json; charset=""',
    "application/json; x=y; charset=us-ascii",
    "\xe4",
    "nonsense; charset",
    ";charset=utf-8",
]


def add_product(service: Service, *headers: bytes, body: bytes = BODY) -> Answer:
    return exchange(service.url, "POST", "/products/new", *headers, body=body)


def content_type(value: str) -> bytes:
    return b"Content-Type: " + value.encode("latin-1")


def test_none_at_all_counts_as_json(service: Service) -> None:
    assert add_product(service).status == 201


@pytest.mark.parametrize("value", JSON_TYPES)
def test_json_in_utf_8_is_json_however_it_is_written(service: Service, value: str) -> None:
    assert add_product(service, content_type(value)).status == 201


@pytest.mark.parametrize("value", OTHER_TYPES)
def test_anything_else_is_refused(service: Service, value: str) -> None:
    answer = add_product(service, content_type(value))
    assert failed(answer, 415, "unsupported_media_type")


def test_of_several_content_types_none_may_be_another(service: Service) -> None:
    json, text = content_type("application/json"), content_type("text/plain")
    assert add_product(service, json, json).status == 201
    for both in ((json, text), (text, json)):
        assert failed(add_product(service, *both), 415, "unsupported_media_type")


@pytest.mark.parametrize("value", [b"gzip", b"deflate", b"br", b"identity", b"utf-8", b"", b"x, y"])
def test_any_content_encoding_is_refused(service: Service, value: bytes) -> None:
    headers = (b"Content-Encoding: " + value, content_type("application/json"))
    for body in (BODY, gzip.compress(BODY)):
        answer = add_product(service, *headers, body=body)
        assert failed(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/users/register"),
        ("POST", "/users/login"),
        ("PUT", f"/users/edit/{NO_ID}"),
        ("PUT", "/products/update"),
        ("POST", "/orders/new"),
        ("PUT", "/orders/update"),
    ],
)
def test_every_operation_with_a_body_judges_its_type(
    service: Service, method: str, path: str
) -> None:
    for header in (content_type("text/xml"), b"Content-Encoding: gzip"):
        answer = exchange(service.url, method, path, header, body=b"{}")
        assert failed(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/xml",
        b"Content-Type: multipart/form-data",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Type: application/json; charset=latin1",
        b"Content-Type: \xff",
        b"Content-Encoding: gzip",
    ],
    ids=ascii,
)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"x" * 2_000_000], ids=lambda body: ascii(body[:2])
)
def test_where_no_body_is_asked_for_it_and_its_headers_are_ignored(
    service: Service, shop: Shop, header: bytes, body: bytes
) -> None:
    target = f"/users/{shop.customer}"
    answer = exchange(service.url, "GET", target, header, body=body)
    assert (answer.status, answer.data["_id"]) == (200, shop.customer)
    assert exchange(service.url, "HEAD", target, header, body=body).status == 200
    assert exchange(service.url, "OPTIONS", target, header, body=body).status == 204
