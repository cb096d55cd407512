"""Request bodies: read within bounds of size and time, decoded to plain values with exact decimals."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import State
from multipart import MultipartError, parse_options_header

from adapters.inbound.http.deadlines import Deadlines
from adapters.inbound.http.large import LARGE_BYTES, LargeBodies
from core.domain.errors import Overloaded
from core.domain.prices import parse_number

MOST_BYTES = 1_048_576
MOST_DRAINED_BYTES = 16 * MOST_BYTES
DRAIN_SECONDS = 5.0


class BodyTooLarge(Exception):
    """The body has more than MOST_BYTES bytes."""


class BodyTimeout(Exception):
    """The body was not complete in time."""


class Stopping(Exception):
    """The service stops, and the body is not complete."""


class ClientGone(Exception):
    """The client hung up before its body was complete."""


class UnsupportedMediaType(Exception):
    """The body is declared to be something else than plain JSON in UTF-8."""


class MalformedJson(Exception):
    """The body is no JSON object in UTF-8."""


HttpRequest = Request[None, None, State]
Result = TypeVar("Result")
Use = Callable[[dict[str, object]], Awaitable[Result]]


class Intake:
    """Takes requests in: a body must be complete within `body_seconds`, and is answered `answer_seconds` later."""

    def __init__(
        self,
        body_seconds: float = 30.0,
        answer_seconds: float = 5.5,
        large: LargeBodies | None = None,
    ) -> None:
        self._bodies = Deadlines(body_seconds)
        self._answers = Deadlines(answer_seconds)
        self._large = large or LargeBodies()
        self._stopping = False

    async def answer(self, work: Awaitable[Result]) -> Result:
        """Do the work on a request; over its time, TimeoutError, and the outcome is not known."""
        async with asyncio.timeout(None) as deadline:
            return await self._within(deadline, work)

    async def take(self, request: HttpRequest, use: Use[Result]) -> Result:
        """Use the JSON object that the body is, bounded likewise.

        Raises one of this module's errors, or `Overloaded` where there are too many large bodies.
        """
        is_read = False
        try:
            async with asyncio.timeout(None) as deadline:
                body = await self._read(request, deadline)
                is_read = True
                if len(body) <= LARGE_BYTES:
                    return await self._within(deadline, use(decode_object(body)))
                async with self._large.turn(len(body)):
                    values, body = decode_object(body), b""  # whose bytes are needed no more
                    return await self._within(deadline, use(values))
        except TimeoutError:
            if is_read:
                raise
            raise Stopping if self._stopping else BodyTimeout from None

    def stop(self) -> None:
        """Cut every body that is not complete, now and from now on."""
        self._stopping = True
        self._bodies.end_all()

    async def _within(self, deadline: asyncio.Timeout, work: Awaitable[Result]) -> Result:
        self._answers.begin(deadline)
        try:
            return await work
        finally:
            self._answers.lift(deadline)

    async def _read(self, request: HttpRequest, deadline: asyncio.Timeout) -> bytes:
        length, is_json = 0, True
        for name, value in request.scope["headers"]:
            if name == b"content-length":
                length = int(value)
            elif name == b"content-type":
                is_json = is_json and _is_json(value)
            elif name == b"content-encoding":
                is_json = False
        if length > MOST_BYTES:
            await self._drain(request)
            raise BodyTooLarge
        self._bodies.begin(deadline)
        if self._stopping:
            self._bodies.end_all()
        try:
            return await self._gather(request, is_json=is_json)
        finally:
            self._bodies.lift(deadline)

    async def _gather(self, request: HttpRequest, *, is_json: bool) -> bytes:
        chunks: list[bytes] = []
        size = taken = 0
        more = True
        try:
            while more:
                message = await request.receive()
                if message["type"] != "http.request":
                    raise ClientGone
                chunks.append(message["body"])
                size += len(message["body"])
                more = message["more_body"]
                if size > MOST_BYTES:
                    raise BodyTooLarge
                if size > LARGE_BYTES:
                    self._large.take(size - taken)
                    taken = size
            if not is_json:
                raise UnsupportedMediaType
            return b"".join(chunks)
        except BaseException as error:
            self._large.give_back(taken)
            if more and isinstance(error, (BodyTooLarge, Overloaded)):
                chunks.clear()
                await self._drain(request)
            raise

    async def _drain(self, request: HttpRequest) -> None:
        """Read on for a while: a client that still sends when the connection closes never sees its answer."""
        if any(name == b"expect" for name, _ in request.scope["headers"]):
            return  # it waits for leave to send
        drained = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while drained < MOST_DRAINED_BYTES:
                    message = await request.receive()
                    if message["type"] != "http.request" or not message["more_body"]:
                        return
                    drained += len(message["body"])


@lru_cache(64)
def _is_json(content_type: bytes) -> bool:
    if not content_type.strip():
        return True
    try:
        media_type, parameters = parse_options_header(content_type.decode("latin-1"))
    except MultipartError:
        return False
    charset = parameters.get("charset", "utf-8")
    return media_type.lower() == "application/json" and charset.lower() in ("utf-8", "utf8")


# Builtins, not types: typed decoding skips checks in what it skips, and stops at the first fault.
_decode = msgspec.json.Decoder(float_hook=parse_number).decode
# Integers of more digits than Python converts (sys.int_info.default_max_str_digits, to which msgspec counts the sign)
# are out of every bound anyway.
_huge = re.compile(rb"(?<![\d.])[1-9]\d{4299,}+(?![.eE])")
_HUGE_ENOUGH = b"9" * 4299


def decode_object(body: bytes | bytearray) -> dict[str, object]:
    """Decode a JSON object (RFC 8259), strictly; of a repeated name the last counts. Raises `MalformedJson`."""
    try:
        try:
            value = _decode(body)
        except msgspec.ValidationError:
            value = _decode(_huge.sub(_HUGE_ENOUGH, body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedJson from None
    if type(value) is not dict:
        raise MalformedJson
    return value
