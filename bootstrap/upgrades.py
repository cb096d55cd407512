"""Clients that offer another protocol are served in HTTP/1.1, as if they had not (RFC 9110, 7.8).

Java's own client offers HTTP/2 with every request. httptools takes an offer for the end of HTTP and drops the body,
and uvicorn leaves it at that (its issue 2722).
"""

import asyncio
from array import array
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bootstrap.segments import WholeAnswers


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol, deaf to offers; it writes each answer whole."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parser = _Parser(self)
        # As uvicorn does: what follows a request that closes the connection does not spoil its answer.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin a connection, on which each answer is written whole."""
        super().connection_made(cast(asyncio.Transport, WholeAnswers(transport, self.loop)))

    def is_offer(self) -> bool:
        """Tell whether the head that was just parsed offers a protocol; CONNECT is refused elsewhere."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def head_without_offer(self) -> bytes:
        """Give that head as it came, but for the offer."""
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_headers_complete(self) -> None:
        """Begin to serve a request, unless its head is to be parsed again."""
        if not self.is_offer():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Likewise, at its end."""
        if not self.is_offer():
            super().on_message_complete()


class _Parser(httptools.HttpRequestParser):
    """Parses a head that holds an offer once more, without it, and goes on with the body."""

    def __init__(self, protocol: HttpProtocol) -> None:
        super().__init__(protocol)
        self._protocol = protocol

    def feed_data(self, data: "bytes | bytearray | memoryview | array[int]") -> None:
        rest = bytes(data)
        while rest:
            try:
                super().feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                if not self._protocol.is_offer():
                    raise
                rest = self._protocol.head_without_offer() + rest[offer.args[0] :]
            else:
                return
