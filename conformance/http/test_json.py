"""Hostile JSON: what is malformed wherever it stands, and what is not."""

import pytest

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.expect import failed, refused
from conformance.http.given import Shop

pytestmark = pytest.mark.contract(
    "Bytes that are not UTF-8, lone surrogates (also escaped ones), a byte order mark, `NaN` and nesting of 1,000 "
    "levels and more (from 100 on it may be) are `malformed_json`, wherever they stand in the body.",
)

MALFORMED = {
    "nothing": b"",
    "white space": b" \r\n\t",
    "a text": b'"x"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "a list": b"[]",
    "a list of an object": b"[{}]",
    "half": b'{"name": "x", "stock": 1',
    "a comma too many": b'{"name": "x", "stock": 1,}',
    "a comma too few": b'{"name": "x" "stock": 1}',
    "something behind": b'{"name": "x", "stock": 1} x',
    "two objects": b'{"name": "x", "stock": 1}{}',
    "single quotes": b"{'name': 'x'}",
    "a bare name": b"{name: 1}",
    "a comment": b'{"name": "x", "stock": 1 /* x */}',
    "a form": b"name=x&stock=1",
    "a byte order mark": b'\xef\xbb\xbf{"name": "x", "stock": 1}',
    "UTF-16": '{"name": "x", "stock": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "x", "stock": 1}'.encode("utf-16-le"),
    "UTF-32": '{"name": "x", "stock": 1}'.encode("utf-32-be"),
    "a nul behind": b'{"name": "x", "stock": 1}\x00',
}
MALFORMED_VALUES = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus Infinity": b"-Infinity",
    "a plus": b"+1",
    "a leading zero": b"01",
    "a leading point": b".5",
    "a trailing point": b"1.",
    "an empty exponent": b"1e",
    "a hexadecimal number": b"0x1",
    "undefined": b"undefined",
    "True": b"True",
    "a raw control character": b'"a\x01b"',
    "a raw line end": b'"a\nb"',
    "an unknown escape": rb'"\x41"',
    "half an escape": rb'"\u00"',
    "a lone surrogate, high": rb'"\ud800"',
    "a lone surrogate, low": rb'"\udc00"',
    "surrogates the wrong way round": rb'"\udc00\ud800"',
    "a high surrogate before a letter": rb'"\ud83cx"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "a pair of surrogates in UTF-8": b'"\xed\xa0\xbc\xed\xbe\x89"',
    "an overlong slash": b'"\xc0\xaf"',
    "half a character": b'"\xc3"',
    "a lone continuation": b'"\x80"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "Latin-1": b'"\xe4"',
    "an open text": b'"',
    "an open list": b"[",
    "1,000 lists": b"[" * 1_000 + b"]" * 1_000,
    "999 lists": b"[" * 999 + b"]" * 999,  # the object around them is a level as well
    "1,000 objects": b'{"":' * 1_000 + b"0" + b"}" * 1_000,
    "100,000 lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open lists": b"[" * 100_000,
}
PLACES = {
    "a listed field": b'{"name": %b, "stock": 1}',
    "an ignored field": b'{"name": "x", "stock": 1, "more": %b}',
    "deep in an ignored field": b'{"more": [{"a": {"b": [%b]}}], "name": "x", "stock": 1}',
    "a field that a later one replaces": b'{"name": %b, "name": "x", "stock": 1}',
    "behind a wrong type": b'{"name": 5, "stock": "x", "more": %b}',
}


def add_product(api: Api, content: bytes) -> bool:
    """Tell whether it was taken; fail unless it was taken or found malformed."""
    answer = api.request("POST", "/products/new", content)
    return answer.status == 201 or not failed(answer, 400, "malformed_json")


@pytest.mark.contract(lines.MALFORMED)
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_body_is_a_json_object_in_utf_8(api: Api, kind: str) -> None:
    for method, path in (
        ("POST", "/users/register"),
        ("POST", "/users/login"),
        ("PUT", "/users/edit/x"),
        ("POST", "/products/new"),
        ("PUT", "/products/update"),
        ("POST", "/orders/new"),
        ("PUT", "/orders/update"),
    ):
        assert failed(api.request(method, path, MALFORMED[kind]), 400, "malformed_json")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", MALFORMED_VALUES)
def test_what_is_malformed_is_so_wherever_it_stands(api: Api, kind: str, place: str) -> None:
    assert not add_product(api, PLACES[place] % MALFORMED_VALUES[kind])


@pytest.mark.parametrize(
    "name",
    [rb'"\ud800"', b'"\xed\xa0\x80"', b'"\xff"', rb'"\x"', b"x", b"1", b"null", b'"a\nb"', b'"'],
    ids=ascii,
)
def test_what_is_malformed_is_so_in_a_name_too(api: Api, name: bytes) -> None:
    assert not add_product(api, b'{"name": "x", "stock": 1, %b: 1}' % name)
    assert not add_product(api, b'{"more": {%b: 1}, "name": "x", "stock": 1}' % name)


@pytest.mark.contract(lines.LISTED)
@pytest.mark.parametrize(
    "value",
    [
        b"[" * 98 + b"]" * 98,
        b'{"":' * 98 + b"0" + b"}" * 98,
        b"[" + b"[]," * 10_000 + b"{}]",
        b"9" * 5_000,
        b"-" + b"9" * 5_000,
        b"[" + b",".join([b"9" * 5_000] * 100) + b"]",
        b"1" * 100_000,
        b"0." + b"1" * 100_000,
        b"1e999999999999999999999",
        b"-1E-99999999999999999999999",
        b'"' + b"9" * 5_000 + b'"',
        rb'"\ud83c\udf89\u0000\/\b"',
        b'"\xef\xbb\xbf\xef\xbf\xbf"',
        b'""',
        b'{"": {"": null}}',
        b'"\x7f\xc2\x80"',
    ],
    ids=lambda value: f"{len(value)} {value[:12]!a}",
)
def test_anything_else_may_stand_in_an_ignored_field(api: Api, value: bytes) -> None:
    assert add_product(api, PLACES["an ignored field"] % value)
    assert add_product(api, PLACES["deep in an ignored field"] % value)
    assert add_product(api, PLACES["a field that a later one replaces"] % value)


@pytest.mark.contract(lines.MALFORMED)
def test_white_space_may_stand_around_and_between(api: Api) -> None:
    assert add_product(api, b' \r\n\t{ "name"\t:\n"x" ,\r"stock" : 1 } \n')


@pytest.mark.contract(lines.MALFORMED)
def test_an_escaped_name_is_the_name(api: Api) -> None:
    assert add_product(api, rb'{"n\u0061me": "x", "\u0073tock": 1}')


@pytest.mark.contract("Of a repeated name the last counts.")
@pytest.mark.parametrize("first", [b"5", b"null", b"[]", b'"y"', b"1e99999999", b"9" * 5_000])
def test_of_a_repeated_name_the_last_counts(api: Api, first: bytes) -> None:
    body = b'{"name": %b, "stock": %b, "name": "x", "stock": 1}' % (first, first)
    answer = api.request("POST", "/products/new", body)
    assert (answer.data["name"], answer.data["stock"]) == ("x", 1)
    escaped = rb'{"name": "y", "stock": 1, "n\u0061me": "x"}'
    assert api.request("POST", "/products/new", escaped).data["name"] == "x"
    wrong_last = b'{"name": "x", "stock": 1, "stock": "x", "name": 5}'
    assert refused(api.request("POST", "/products/new", wrong_last), "name", "stock")


@pytest.mark.contract("Of a repeated name the last counts.")
def test_of_a_repeated_name_in_an_item_the_last_counts(api: Api, shop: Shop) -> None:
    item = b'{"quantity": "x", "product_id": 5, "quantity": 2, "product_id": "%b"}'
    body = (
        b'{"items": 5, "items": [%b], "customer_id": "%b", "price": "x", "price": 1, "status": "s"}'
    )
    content = body % (item % shop.products[0].encode(), shop.customer.encode())
    answer = api.request("POST", "/orders/new", content)
    assert answer.data["items"] == [shop.item(quantity=2)]
