"""The command of a breach sends what the check had sent, to the byte that matters."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from conformance.curl import command
from conformance.http.journal import Exchange

JSON = b"Content-Type: application/json"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Listener(ThreadingTCPServer):
    """Takes what is sent over one connection, answers, and hangs up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Listener)
        self.request.settimeout(0.5)  # what is sent comes at once; what curl cannot end has no end
        try:
            while chunk := self.request.recv(65_536):
                server.received += chunk
                if is_complete(server.received):
                    break
        except TimeoutError:
            pass
        self.request.sendall(ANSWER)


def is_complete(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    lengths = [
        line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    ]
    if b"chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return bool(separator) and len(lengths) < 2 and len(body) >= int((lengths or [b"0"])[0])


@contextmanager
def listening() -> Iterator[Listener]:
    with Listener() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def sent_again(exchange: Exchange, folder: Path) -> str:
    """Give the command, once for each body with a file of its own."""

    def keep(content: bytes) -> Path:
        file = folder / "body"
        file.write_bytes(content)
        return file

    return command(exchange, keep)


def parsed(received: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Give request line, headers that are not curl's own matter, and body without chunks."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    own = (
        b"user-agent:",
        b"content-length:",
        b"transfer-encoding:",
        b"host: 127.0.0.1",
        b"accept: */*",
    )
    kept = sorted(line for line in headers if not line.lower().startswith(own))
    if any(b"chunked" in line.lower() for line in headers):
        body = b"".join(body.split(b"\r\n")[1:-1:2])
    return first, kept, body


EXCHANGES: Mapping[str, tuple[Exchange, bytes, list[bytes], bytes]] = {
    "a read": (Exchange("", "GET", "/users/x?y=[1]", ()), b"GET /users/x?y=[1]", [], b""),
    "a head": (Exchange("", "HEAD", "/users/x", ()), b"HEAD /users/x", [], b""),
    "dots": (Exchange("", "GET", "/docs/../x", ()), b"GET /docs/../x", [], b""),
    "two slashes": (Exchange("", "GET", "//orders//new", ()), b"GET //orders//new", [], b""),
    "another place": (Exchange("", "GET", "http://x/y", ()), b"GET http://x/y", [], b""),
    "a body": (
        Exchange("", "POST", "/orders/new", [JSON], body=b'{"a": "it\'s $HOME \xc3\xa9"}'),
        b"POST /orders/new",
        [JSON],
        b'{"a": "it\'s $HOME \xc3\xa9"}',
    ),
    "bytes": (
        Exchange("", "PUT", "/x", (), body=b"\xff'\\\n\t\x01"),
        b"PUT /x",
        [],
        b"\xff'\\\n\t\x01",
    ),
    "a nul": (Exchange("", "POST", "/x", (), body=b"a\0b"), b"POST /x", [], b"a\0b"),
    "a long body": (
        Exchange("", "POST", "/x", (), body=b"x" * 9_999),
        b"POST /x",
        [],
        b"x" * 9_999,
    ),
    "what looks like a file": (Exchange("", "POST", "/x", (), body=b"@/x"), b"POST /x", [], b"@/x"),
    "nothing": (Exchange("", "POST", "/x", ()), b"POST /x", [], b""),
    "odd headers": (
        Exchange("", "GET", "/x", (b"X-A: \xe4", b"Accept: a", b"Accept: b", b"X-B:"), b"a b"),
        b"GET /x",
        [b"Accept: a", b"Accept: b", b"Host: a b", b"X-A: \xe4", b"X-B:"],
        b"",
    ),
    "a told length": (
        Exchange("", "POST", "/x", (b"Content-Length: 2",), b"localhost", b"{}"),
        b"POST /x",
        [],
        b"{}",
    ),
    "chunks": (
        Exchange(
            "",
            "POST",
            "/x",
            (b"Transfer-Encoding: chunked",),
            b"localhost",
            b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        ),
        b"POST /x",
        [],
        b"{}",
    ),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_curl_sends_the_same_again(tmp_path: Path, name: str) -> None:
    exchange, line, headers, body = EXCHANGES[name]
    with listening() as server:
        exchange.url = server.url
        shell = sent_again(exchange, tmp_path)
        subprocess.run(["bash", "-c", shell], check=True, capture_output=True, timeout=20)
        assert shell.startswith("curl -i ")
        assert parsed(server.received) == (line + b" HTTP/1.1", headers, body)


BY_HAND: Mapping[str, tuple[Exchange, bytes]] = {
    "no HTTP": (
        Exchange("", "", "", (), body=b"BREW / HTTP/1.1\r\n\r\n"),
        b"BREW / HTTP/1.1\r\n\r\n",
    ),
    "half a body": (
        Exchange("", "POST", "/x", (b"Content-Length: 5",), b"localhost", b"{"),
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n{",
    ),
    "two lengths": (
        Exchange(
            "", "POST", "/x", (b"Content-Length: 1", b"Content-Length: 2"), b"localhost", b"{}"
        ),
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    ),
    "a broken chunk": (
        Exchange("", "POST", "/x", (b"Transfer-Encoding: chunked",), b"localhost", b"xyz\r\n"),
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_what_curl_cannot_frame_is_sent_byte_for_byte(tmp_path: Path, name: str) -> None:
    exchange, sent = BY_HAND[name]
    with listening() as server:
        exchange.url = server.url
        shell = sent_again(exchange, tmp_path)
        subprocess.run(["bash", "-c", shell], check=True, capture_output=True, timeout=20)
        assert shell.startswith("curl telnet://")
        assert server.received == sent
