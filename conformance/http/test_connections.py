"""What clients do to connections: they cut, dawdle, pipeline, offer other protocols, and break the rules."""

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import Api, CheckedWire, exchange
from conformance.http.exact_json import to_json
from conformance.http.expect import refused
from conformance.http.given import Shop

pytestmark = pytest.mark.contract(
    "paths, methods, status codes, field names and the oddities are kept as they stand",
)

PRODUCT = b'{"name": "x", "stock": 1}'
LENGTH = b"Content-Length: %d" % len(PRODUCT)


@pytest.mark.contract(lines.VERSIONS)
def test_a_client_that_hangs_up_before_its_body_is_complete_changes_nothing(
    url: str, api: Api, shop: Shop
) -> None:
    order_id = shop.place_order()
    content = to_json(shop.order_body(_id=order_id, price=99))
    for length in (len(content), len(content) + 1):
        with CheckedWire(url) as wire:
            wire.begin("PUT", "/orders/update", b"Content-Length: %d" % length)
            wire.send(content[: length - 1])
    assert api.get(f"/orders/{order_id}").headers["etag"] == '"1"'


@pytest.mark.contract(lines.IN_TIME)
def test_slow_clients_harm_nobody(url: str, api: Api, shop: Shop) -> None:
    slow = [CheckedWire(url) for _ in range(200)]
    try:
        for number, wire in enumerate(slow):
            wire.begin("POST", "/products/new", LENGTH).send(PRODUCT[: number % len(PRODUCT)])
        assert api.get(f"/users/{shop.customer}").status == 200
        assert api.get("/health/ready").status == 200
        late = len(PRODUCT) - 1
        slow[late].send(PRODUCT[late:])
        assert slow[late].answer().status == 201
    finally:
        for wire in slow:
            wire.close()
    assert api.get(f"/users/{shop.customer}").status == 200


@pytest.mark.contract(lines.IN_TIME)
def test_half_a_head_harms_nobody(url: str, api: Api, shop: Shop) -> None:
    with CheckedWire(url) as wire:
        wire.send(b"POST /orders/new HTT")
        assert api.get(f"/users/{shop.customer}").status == 200


def test_a_request_in_single_bytes_is_a_request(url: str, shop: Shop) -> None:
    with CheckedWire(url) as wire:
        request = wire.begin("GET", f"/users/{shop.customer}")
        assert request.answer().status == 200
        for byte in f"GET /users/{shop.customer} HTTP/1.1\r\nHost: x\r\n\r\n".encode():
            wire.send(bytes([byte]))
        assert wire.answer().data["_id"] == shop.customer


def test_a_connection_serves_one_request_after_the_other(url: str, shop: Shop) -> None:
    with CheckedWire(url) as wire:
        for _ in range(3):
            wire.begin("POST", "/products/new", LENGTH).send(PRODUCT)
            assert wire.answer().status == 201
            assert wire.begin("GET", "/nothing").answer().status == 404
            assert wire.begin("HEAD", f"/users/{shop.customer}").answer().status == 200
            wire.begin("POST", "/products/new", b"Content-Length: 1").send(b"{")
            assert wire.answer().status == 400


def test_pipelined_requests_are_answered_in_their_order(url: str, shop: Shop) -> None:
    with CheckedWire(url) as wire:
        for product_id in shop.products * 5:
            wire.begin("GET", f"/products/{product_id}")
        answers = [wire.answer() for _ in range(10)]
    assert [answer.data["_id"] for answer in answers] == list(shop.products * 5)


def test_http_1_0_and_close_are_answered_and_closed(url: str, shop: Shop) -> None:
    path = f"/users/{shop.customer}"
    with CheckedWire(url) as wire:
        wire.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        assert wire.answer().status == 200
        assert wire.is_closed()
    with CheckedWire(url) as wire:
        assert wire.begin("GET", path, b"Connection: close").answer().status == 200
        assert wire.is_closed()


OFFERS = {
    "h2c": (
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    ),
    "websocket": (
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ),
    "TLS": (b"Connection: upgrade", b"Upgrade: TLS/1.0"),
}
"""Java's own client offers h2c with every request (RFC 9110, 7.8 lets a server ignore all of these)."""


@pytest.mark.parametrize("offer", OFFERS)
def test_an_offered_upgrade_is_ignored(url: str, shop: Shop, offer: str) -> None:
    headers = OFFERS[offer]
    chunked = b"Transfer-Encoding: chunked"
    with CheckedWire(url) as wire:
        for _ in range(2):
            assert wire.begin("GET", f"/users/{shop.customer}", *headers).answer().status == 200
            wire.begin("POST", "/products/new", *headers, LENGTH).send(PRODUCT)
            assert wire.answer().status == 201
            wire.begin("POST", "/products/new", chunked, *headers)
            for byte in PRODUCT:
                wire.send(b"1\r\n%c\r\n" % byte)
            wire.send(b"0\r\n\r\n")
            assert wire.answer().status == 201
            wire.begin("POST", "/products/new", *headers, b"Content-Length: 2").send(b"{}")
            assert refused(wire.answer(), "name", "stock")


@pytest.mark.parametrize("offer", OFFERS)
def test_pipelined_offers_are_ignored(url: str, shop: Shop, offer: str) -> None:
    with CheckedWire(url) as wire:
        for _ in range(20):
            wire.begin("GET", f"/users/{shop.customer}", *OFFERS[offer])
        for _ in range(20):
            assert wire.answer().status == 200


broken = pytest.mark.contract(
    "what the HTTP server refuses before the application sees it",
    "(an unknown method, broken framing, a target over 64 KiB: 400, plain text)",
)
BROKEN = {
    "an unknown method": b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method in lower case": b"get /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a target over 64 KiB": b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 66_000),
    "raw bytes in the target": b"GET /users/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": b"POST /orders/new HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": b"POST /orders/new HTTP/1.1\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a negative length": b"POST /orders/new HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a signed length": b"POST /orders/new HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}",
    "no length": b"POST /orders/new HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    "a huge length": b"POST /orders/new HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "a space before a colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a nul in a header": b"GET / HTTP/1.1\r\nHost: x\x00y\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
}


@broken
@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_http_is_answered_400_in_plain_text(url: str, kind: str) -> None:
    with CheckedWire(url) as wire:
        wire.send(BROKEN[kind])
        answer = wire.answer()
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("text/plain")
        assert b"{" not in answer.body
        assert wire.is_closed()


@broken
def test_a_broken_chunk_is_answered_400_in_plain_text(url: str) -> None:
    with CheckedWire(url) as wire:
        wire.send(
            b"POST /orders/new HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
        )
        answer = wire.answer()
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "header",
    [
        b"X-Long: " + b"x" * 100_000,
        b"\r\n".join(b"X-%d: x" % number for number in range(1_000)),
        b"Cookie: a=b; c",
        b"Authorization: Basic !!!",
        b"Range: bytes=0-1",
        b"If-Modified-Since: yesterday",
        b"Accept-Encoding: gzip;q=x",
        b"Accept-Charset: \xff\xfe",
        b"X-Forwarded-For: <script>",
        b"Origin: null",
        b"Transfer-Encoding: chunked\r\n\r\n0",
        b"X-HTTP-Method-Override: DELETE",
        b"Forwarded: host=x;proto=y",
        b"Content-Type: \x80",
    ],
    ids=lambda header: ascii(header[:20]),
)
def test_odd_headers_are_ignored_by_a_read(url: str, shop: Shop, header: bytes) -> None:
    answer: Answer = exchange(url, "GET", f"/users/{shop.customer}", header)
    assert (answer.status, answer.data["_id"]) == (200, shop.customer)
