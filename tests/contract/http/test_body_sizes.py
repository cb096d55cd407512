"""A body has at most 1,048,576 bytes, however its length is told."""

from collections.abc import Iterable

import pytest

from tests.contract.http.client import CheckedWire, exchange
from tests.contract.http.expect import failed
from tests.contract.http.given import NO_ID, Shop
from tests.harness.answers import Answer
from tests.harness.events import Service

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


def chunked(service: Service, chunks: Iterable[bytes], *, end: bool = True) -> Answer:
    """Send a body whose length is not told before."""
    with CheckedWire(service.url) as wire:
        wire.begin("POST", "/products/new", b"Transfer-Encoding: chunked")
        for chunk in chunks:
            wire.send(b"%x\r\n" % len(chunk), chunk, b"\r\n")
        wire.send(b"0\r\n\r\n" if end else b"")
        return wire.answer()


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def test_1_mib_exactly_passes(service: Service) -> None:
    assert exchange(service.url, "POST", "/products/new", body=product_of(MOST)).status == 201


@pytest.mark.parametrize("size", [MOST, 65_536, 10_000])
def test_1_mib_exactly_passes_in_chunks(service: Service, size: int) -> None:
    assert chunked(service, pieces(product_of(MOST), size)).status == 201


def test_one_byte_more_is_refused(service: Service) -> None:
    for method, path in OPERATIONS:
        answer = exchange(service.url, method, path, body=product_of(MOST + 1))
        assert failed(answer, 413, "body_too_large")


@pytest.mark.parametrize("size", [MOST + 1, MOST, 65_536])
def test_one_byte_more_is_refused_in_chunks(service: Service, size: int) -> None:
    answer = chunked(service, pieces(product_of(MOST + 1), size))
    assert failed(answer, 413, "body_too_large")


def test_a_client_that_sends_far_too_much_gets_its_answer(service: Service) -> None:
    answer = exchange(service.url, "POST", "/orders/new", body=b"x" * 12 * MOST)
    assert failed(answer, 413, "body_too_large")
    answer = chunked(service, [b"x" * MOST] * 12)
    assert failed(answer, 413, "body_too_large")


def test_the_connection_serves_on_after_a_body_that_was_too_large(
    service: Service, shop: Shop
) -> None:
    with CheckedWire(service.url) as wire:
        body = product_of(MOST + 1)
        wire.begin("POST", "/products/new", b"Content-Length: %d" % len(body)).send(body)
        assert wire.answer().status == 413
        assert wire.begin("GET", f"/users/{shop.customer}").answer().status == 200


def test_a_byte_is_a_byte_and_a_character_may_be_four(service: Service) -> None:
    filler = "\N{PARTY POPPER}" * 300_000
    body = f'{{"name": "x", "stock": 1, "more": "{filler}"}}'.encode()
    assert len(body.decode()) < MOST < len(body)
    answer = exchange(service.url, "POST", "/products/new", body=body)
    assert failed(answer, 413, "body_too_large")


def test_a_body_in_many_small_chunks_is_one_body(service: Service) -> None:
    assert chunked(service, pieces(product_of(2_000), 1)).status == 201


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(service: Service) -> None:
    with CheckedWire(service.url) as wire:
        length = b"Content-Length: %d" % (MOST + 1)
        wire.begin("POST", "/products/new", length, b"Expect: 100-continue")
        assert failed(wire.answer(), 413, "body_too_large")


def test_a_client_that_waits_for_leave_gets_it(service: Service) -> None:
    body = product_of(100)
    with CheckedWire(service.url) as wire:
        wire.begin(
            "POST", "/products/new", b"Content-Length: %d" % len(body), b"Expect: 100-continue"
        )
        assert wire.answer().status == 100
        wire.send(body)
        assert wire.answer().status == 201


def test_a_client_that_waits_for_leave_in_vain_is_told_its_route_is_wrong(service: Service) -> None:
    with CheckedWire(service.url) as wire:
        wire.begin("POST", "/nothing", b"Content-Length: 5", b"Expect: 100-continue")
        assert failed(wire.answer(), 404, "not_found")
