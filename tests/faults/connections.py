"""HTTP from an event loop, kept alive, in a tenth of the time that a full client takes of a processor.

A load that is to press the service must not be what uses up the machine.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.http.exact_json import from_json, to_json

ANSWER_SECONDS = 20.0
"""More than the service may take: a frozen one answers when it wakes, or never."""

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotSent(Exception):
    """No process took the connection."""


class NoAnswer(Exception):
    """The request was sent, wholly or in part, and no answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as far as anybody asks here."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """What the envelope holds."""
        return from_json(self.body)["data"]["data"]


@dataclass
class Connections:
    """Those that are open and idle, by address."""

    _idle: dict[str, list[Stream]] = field(default_factory=lambda: defaultdict(list))

    async def ask(self, method: str, url: str, body: object) -> Answer:
        """Send a request and give its answer. Raises `NotSent`, `NoAnswer`."""
        address = urlsplit(url)
        content = to_json(body)
        head = (
            f"{method} {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        reader, writer = await self._open(address.netloc)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(head.encode() + content)
                answer = await _read(reader)
        except (OSError, asyncio.IncompleteReadError) as error:  # a time-out is an OSError
            writer.close()
            raise NoAnswer from error
        self._idle[address.netloc].append((reader, writer))
        return answer

    def close(self) -> None:
        """Close those that are idle."""
        for streams in self._idle.values():
            for _, writer in streams:
                writer.close()

    async def _open(self, address: str) -> Stream:
        while self._idle[address]:
            reader, writer = self._idle[address].pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        host, port = address.split(":")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await asyncio.open_connection(host, int(port))
        except OSError as error:
            raise NotSent from error


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(status_line.split(" ")[1]), headers, body)
