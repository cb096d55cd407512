"""Head and body of an answer in one write.

uvicorn writes them one after the other, and uvloop sends what it is given at once: two system calls for each answer,
and two segments for the client.
"""

import asyncio
from typing import Any

HEAD = b"HTTP/1.1 "
INTERIM = b"HTTP/1.1 1"


class WholeAnswers:
    """A transport that keeps the head of an answer back until its body is there, or the loop's next turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self.is_closing = transport.is_closing  # is asked for each request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, or keep a head for the moment."""
        if self._head:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(HEAD) and not data.startswith(INTERIM):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close, once all is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)
