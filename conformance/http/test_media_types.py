"""Which `Content-Type` counts as JSON, and that no `Content-Encoding` does."""

import gzip

import pytest

from conformance.http.answers import Answer
from conformance.http.client import exchange
from conformance.http.expect import failed
from conformance.http.given import NO_ID, Shop

pytestmark = pytest.mark.contract(
    "| 415 | `unsupported_media_type` | a `Content-Type` that is not `application/json`, or a charset that is not "
    "UTF-8, or any `Content-Encoding`",
)

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


def add_product(url: str, *headers: bytes, body: bytes = BODY) -> Answer:
    return exchange(url, "POST", "/products/new", *headers, body=body)


def content_type(value: str) -> bytes:
    return b"Content-Type: " + value.encode("latin-1")


@pytest.mark.contract(
    "none at all, or an empty one, counts as JSON, because the published API never asked for one"
)
def test_none_at_all_counts_as_json(url: str) -> None:
    assert add_product(url).status == 201


@pytest.mark.contract(
    "none at all, or an empty one, counts as JSON, because the published API never asked for one",
    "type and charset (`utf-8` or `utf8`, quoted or not) are read without regard to case, other parameters ignored",
)
@pytest.mark.parametrize("value", JSON_TYPES)
def test_json_in_utf_8_is_json_however_it_is_written(url: str, value: str) -> None:
    assert add_product(url, content_type(value)).status == 201


@pytest.mark.parametrize("value", OTHER_TYPES)
def test_anything_else_is_refused(url: str, value: str) -> None:
    answer = add_product(url, content_type(value))
    assert failed(answer, 415, "unsupported_media_type")


def test_of_several_content_types_none_may_be_another(url: str) -> None:
    json, text = content_type("application/json"), content_type("text/plain")
    assert add_product(url, json, json).status == 201
    for both in ((json, text), (text, json)):
        assert failed(add_product(url, *both), 415, "unsupported_media_type")


@pytest.mark.parametrize("value", [b"gzip", b"deflate", b"br", b"identity", b"utf-8", b"", b"x, y"])
def test_any_content_encoding_is_refused(url: str, value: bytes) -> None:
    headers = (b"Content-Encoding: " + value, content_type("application/json"))
    for body in (BODY, gzip.compress(BODY)):
        answer = add_product(url, *headers, body=body)
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
def test_every_operation_with_a_body_judges_its_type(url: str, method: str, path: str) -> None:
    for header in (content_type("text/xml"), b"Content-Encoding: gzip"):
        answer = exchange(url, method, path, header, body=b"{}")
        assert failed(answer, 415, "unsupported_media_type")


@pytest.mark.contract(
    "408, 413, 415 and `malformed_json` are judged only where Part 1 has a request body; elsewhere a body and its "
    "headers are ignored."
)
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
    url: str, shop: Shop, header: bytes, body: bytes
) -> None:
    target = f"/users/{shop.customer}"
    answer = exchange(url, "GET", target, header, body=body)
    assert (answer.status, answer.data["_id"]) == (200, shop.customer)
    assert exchange(url, "HEAD", target, header, body=body).status == 200
    assert exchange(url, "OPTIONS", target, header, body=body).status == 204
