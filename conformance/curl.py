"""A command for a shell that repeats a request."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from conformance.http.journal import Exchange

TELNET_COMMAND = b"\xff"
"""A byte that telnet, and so curl's, sends twice."""
LONGEST_ARGUMENT = 1_000
"""A longer body, in bytes, is kept in a file."""

Keep = Callable[[bytes], Path]
"""Keeps bytes in a file, and gives it."""

_is_plain_target = re.compile(r"/(?!/)[\w.~%/?=&:@,+-]*", re.ASCII).fullmatch
_is_method = re.compile(r"[A-Z]+").fullmatch


def command(exchange: Exchange, keep: Keep) -> str:
    """Give a curl command; in three corners, another one that sends the same bytes."""
    body = _body_for_curl(exchange)
    if body is None:
        return _by_hand(exchange, keep)
    words = ["curl", "-i", "-g", "--path-as-is"]
    words += ["-I"] if exchange.method == "HEAD" else ["-X", exchange.method]
    if _is_plain_target(exchange.target):
        words.append(shlex.quote(exchange.url + exchange.target))
    else:
        words += ["--request-target", shlex.quote(exchange.target), exchange.url]
    for header in _headers_for_curl(exchange, body):
        words += ["-H", _quoted(header)]
    if body or exchange.method in {"POST", "PUT"}:
        words += ["--data-binary", _argument(body, keep)]
    return " ".join(words)


def _body_for_curl(exchange: Exchange) -> bytes | None:
    """Give the body without its framing, which is curl's own; None where the framing is the point."""
    if not _is_method(exchange.method) or any(b"\n" in header for header in exchange.headers):
        return None
    if exchange.host is None:  # a client framed it
        return exchange.body
    fields = [header.partition(b":") for header in exchange.headers]
    lengths = [value.strip() for name, _, value in fields if name.lower() == b"content-length"]
    chunked = any(name.lower() == b"transfer-encoding" for name, _, _ in fields)
    if chunked and not lengths:
        return _unchunked(exchange.body)
    told = lengths or [b"0"]
    return exchange.body if told == [b"%d" % len(exchange.body)] and not chunked else None


def _unchunked(framed: bytes) -> bytes | None:
    body = b""
    while match := re.match(rb"([0-9A-Fa-f]+)\r\n", framed):
        size, start = int(match[1], 16), match.end()
        chunk, framed = framed[start : start + size], framed[start + size :]
        if len(chunk) < size or not framed.startswith(b"\r\n"):
            return None
        if size == 0:
            return body if framed == b"\r\n" else None
        body, framed = body + chunk, framed[2:]
    return None


def _headers_for_curl(exchange: Exchange, body: bytes) -> list[bytes]:
    """Give the header lines, and one without a value for each that curl would add by itself."""
    lines = [
        # `Name;` is curl's word for a header without a value.
        line if value.strip() else name + b";"
        for line in exchange.headers
        for name, _, value in [line.partition(b":")]
        if name.lower() != b"content-length"
    ]
    given = {line.partition(b":")[0].rstrip(b";").lower() for line in lines}
    if exchange.host is not None:
        lines += [b"Accept:"] if b"accept" not in given else []
        lines += [b"Host: " + exchange.host] if exchange.host != b"localhost" else []
    has_data = body or exchange.method in {"POST", "PUT"}
    lines += [b"Content-Type:"] if has_data and b"content-type" not in given else []
    return lines


def _by_hand(exchange: Exchange, keep: Keep) -> str:
    address = urlsplit(exchange.url)
    host = address.hostname or ""
    head = b""
    if exchange.method:
        lines = [f"{exchange.method} {exchange.target} HTTP/1.1".encode()]
        lines += [b"Host: " + (exchange.host or host.encode()), *exchange.headers]
        head = b"\r\n".join(lines) + b"\r\n\r\n"
    sent = head + exchange.body
    file = shlex.quote(str(keep(sent)))
    if address.scheme == "https":
        return f"openssl s_client -quiet -connect {host}:{address.port or 443} < {file}"
    if TELNET_COMMAND in sent:
        return f"nc {host} {address.port or 80} < {file}"
    return f"curl telnet://{host}:{address.port or 80} < {file}"


def _argument(body: bytes, keep: Keep) -> str:
    if len(body) > LONGEST_ARGUMENT or b"\0" in body or body.startswith(b"@"):
        return shlex.quote(f"@{keep(body)}")
    return _quoted(body)


def _quoted(raw: bytes) -> str:
    """Quote for bash, whatever the bytes are."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text.encode() == raw:
        return shlex.quote(text)
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in raw
    )
    return f"$'{escaped}'"
