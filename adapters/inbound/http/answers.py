"""Answers in the published envelope: `{"status": int, "message": str, "data": {"data": object}}`."""

from collections.abc import Sequence

import msgspec
from litestar.types import Receive, Scope, Send

encode = msgspec.json.encode

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"


class Answer:
    """A whole answer, ready to be sent: an ASGI application of its own."""

    # Litestar's Response merges headers, cookies and background tasks that are not used here, for 20 us a request.

    __slots__ = ("_body", "_headers", "_status")

    def __init__(
        self,
        body: bytes,
        media_type: bytes = JSON,
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self._body = body
        self._status = status
        self._headers = [
            (b"content-type", media_type),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send(
            {"type": "http.response.start", "status": self._status, "headers": self._headers}
        )
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def envelope(status: int, message: str, data: bytes) -> bytes:
    """Wrap `data`, a JSON object, as published."""
    return b'{"status":%d,"message":"%b","data":{"data":%b}}' % (status, message.encode(), data)


def created(path: str, entity_id: str, version: int, data: bytes) -> Answer:
    """Answer 201 with a new entity, where it is and its version."""
    headers = [_etag(version), (b"location", f"{path}/{entity_id}".encode())]
    return Answer(envelope(201, "success", data), status=201, headers=headers)


def entity(version: int, data: bytes, body_status: int = 200) -> Answer:
    """Answer 200 with an entity and its version."""
    return Answer(envelope(body_status, "success", data), headers=[_etag(version)])


def _etag(version: int) -> tuple[bytes, bytes]:
    return b"etag", b'"%d"' % version
