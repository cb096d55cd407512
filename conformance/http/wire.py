"""HTTP by hand over a socket: for what a well-behaved client never sends, or sends in pieces."""

import socket
import ssl
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from httpx import Headers

from conformance.http.answers import Answer

SECONDS = 10.0
"""How long any answer may take, unless the test says otherwise."""


class Wire:
    """One connection."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        address = urlsplit(url)
        assert address.hostname
        is_tls = address.scheme == "https"
        port = address.port or (443 if is_tls else 80)
        self._socket = socket.create_connection((address.hostname, port), timeout=seconds)
        if is_tls:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=address.hostname)
        # Each `send` leaves at once: a test that sends in pieces means it.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, *parts: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(b"".join(parts))

    def answer(self, *, body: bool = True) -> Answer:
        """Read the next answer; with `body=False` one that has none, as that to a HEAD."""
        head = self._read_until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.split("\r\n")[:-2]
        version, status, _phrase = status_line.split(" ", 2)
        assert version == "HTTP/1.1", status_line
        fields = [line.partition(": ") for line in lines]
        headers = Headers([(name, value) for name, _, value in fields])
        length = int(headers.get("content-length", 0)) if body else 0
        return Answer(int(status), headers, self._read(length))

    def is_closed(self) -> bool:
        """Wait for the server to hang up; False where it sends something instead."""
        if self._received:
            return False
        try:
            return not self._socket.recv(1)
        except ConnectionResetError:
            return True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            self._receive()
        return self._read(self._received.index(mark) + len(mark))

    def _read(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive()
        read = bytes(self._received[:length])
        del self._received[:length]
        return read

    def _receive(self) -> None:
        chunk = self._socket.recv(65_536)
        if not chunk:
            raise ConnectionError(f"the server hung up after {bytes(self._received)!r}")
        self._received += chunk
