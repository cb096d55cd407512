"""A body has at most 1,048,576 bytes, however its length is told."""

from collections.abc import Iterable

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import CheckedWire, exchange
from conformance.http.expect import failed
from conformance.http.given import NO_ID, Shop

pytestmark = pytest.mark.contract("| 413 | `body_too_large` | over 1,048,576 bytes |")

MOST = 1_048_576
OPERATIONS = [
    ("POST", "/users/register"),
    ("POST", "/users/login"),
    ("PUT", f"/users/edit/{NO_ID}"),
    ("POST", "/products/new"),
    ("PUT", "/products/update"),
    ("POST", "/orders/new"),
    ("PUT", "/orders/update"),
]


def product_of(size: int) -> bytes:
    """Give a valid product of so many bytes."""
    start, end = b'{"name": "x", "stock": 1, "more": "', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def chunked(url: str, chunks: Iterable[bytes], *, end: bool = True) -> Answer:
    """Send a body whose length is not told before."""
    with CheckedWire(url) as wire:
        wire.begin("POST", "/products/new", b"Transfer-Encoding: chunked")
        for chunk in chunks:
            wire.send(b"%x\r\n" % len(chunk), chunk, b"\r\n")
        wire.send(b"0\r\n\r\n" if end else b"")
        return wire.answer()


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def test_1_mib_exactly_passes(url: str) -> None:
    assert exchange(url, "POST", "/products/new", body=product_of(MOST)).status == 201


@pytest.mark.parametrize("size", [MOST, 65_536, 10_000])
def test_1_mib_exactly_passes_in_chunks(url: str, size: int) -> None:
    assert chunked(url, pieces(product_of(MOST), size)).status == 201


def test_one_byte_more_is_refused(url: str) -> None:
    for method, path in OPERATIONS:
        answer = exchange(url, method, path, body=product_of(MOST + 1))
        assert failed(answer, 413, "body_too_large")


@pytest.mark.parametrize("size", [MOST + 1, MOST, 65_536])
def test_one_byte_more_is_refused_in_chunks(url: str, size: int) -> None:
    answer = chunked(url, pieces(product_of(MOST + 1), size))
    assert failed(answer, 413, "body_too_large")


def test_a_client_that_sends_far_too_much_gets_its_answer(url: str) -> None:
    answer = exchange(url, "POST", "/orders/new", body=b"x" * 12 * MOST)
    assert failed(answer, 413, "body_too_large")
    answer = chunked(url, [b"x" * MOST] * 12)
    assert failed(answer, 413, "body_too_large")


def test_the_connection_serves_on_after_a_body_that_was_too_large(url: str, shop: Shop) -> None:
    with CheckedWire(url) as wire:
        body = product_of(MOST + 1)
        wire.begin("POST", "/products/new", b"Content-Length: %d" % len(body)).send(body)
        assert wire.answer().status == 413
        assert wire.begin("GET", f"/users/{shop.customer}").answer().status == 200


def test_a_byte_is_a_byte_and_a_character_may_be_four(url: str) -> None:
    filler = "\N{PARTY POPPER}" * 300_000
    body = f'{{"name": "x", "stock": 1, "more": "{filler}"}}'.encode()
    assert len(body.decode()) < MOST < len(body)
    answer = exchange(url, "POST", "/products/new", body=body)
    assert failed(answer, 413, "body_too_large")


def test_a_body_in_many_small_chunks_is_one_body(url: str) -> None:
    assert chunked(url, pieces(product_of(2_000), 1)).status == 201


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(url: str) -> None:
    with CheckedWire(url) as wire:
        length = b"Content-Length: %d" % (MOST + 1)
        wire.begin("POST", "/products/new", length, b"Expect: 100-continue")
        assert failed(wire.answer(), 413, "body_too_large")


def test_a_client_that_waits_for_leave_gets_it(url: str) -> None:
    body = product_of(100)
    with CheckedWire(url) as wire:
        wire.begin(
            "POST", "/products/new", b"Content-Length: %d" % len(body), b"Expect: 100-continue"
        )
        assert wire.answer().status == 100
        wire.send(body)
        assert wire.answer().status == 201


@pytest.mark.contract(lines.NO_ROUTE)
def test_a_client_that_waits_for_leave_in_vain_is_told_its_route_is_wrong(url: str) -> None:
    with CheckedWire(url) as wire:
        wire.begin("POST", "/nothing", b"Content-Length: 5", b"Expect: 100-continue")
        assert failed(wire.answer(), 404, "not_found")
