"""Services that break the contract, each in one way: the real one, with its requests or answers changed on the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send


@dataclass
class Exchanged:
    """A request and its answer, which may be changed."""

    method: str
    path: str
    request: bytes
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def sent(self) -> Any:
        """The request's JSON; raises ValueError where it is none."""
        return json.loads(self.request)

    @property
    def document(self) -> Any:
        """The answer's JSON; raises ValueError where it is none."""
        return json.loads(self.body)

    def answer(self, document: Any) -> None:
        """Answer this JSON."""
        self.body = json.dumps(document).encode()


ChangeRequest = Callable[[str, bytes], bytes]
"""Gives the body that arrives in place of the one that was sent to a path."""
ChangeAnswer = Callable[[Exchanged], None]


@dataclass(frozen=True)
class Broken:
    """A service that breaks the contract."""

    change_answer: ChangeAnswer = lambda _: None
    change_request: ChangeRequest = lambda _path, body: body

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Put it around the real one."""

        async def serve(scope: Any, receive: Receive, send: Send) -> None:
            sent = await _body(receive)
            arrived = self.change_request(scope["path"], sent)
            headers = [item for item in scope["headers"] if item[0] != b"content-length"]
            scope["headers"] = [*headers, (b"content-length", b"%d" % len(arrived))]
            answered: list[Any] = []
            await app(scope, _receiving(arrived), _appending(answered))
            start, *parts = answered
            it = Exchanged(
                scope["method"],
                scope["path"],
                sent,
                start["status"],
                dict(start["headers"]),
                b"".join(part["body"] for part in parts),
            )
            self.change_answer(it)
            if it.method != "HEAD":
                it.headers[b"content-length"] = b"%d" % len(it.body)
            headers = list(it.headers.items())
            await send({"type": "http.response.start", "status": it.status, "headers": headers})
            await send({"type": "http.response.body", "body": it.body, "more_body": False})

        return serve


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message: Any = await receive()
        parts.append(message.get("body", b""))
        more = bool(message.get("more_body"))
    return b"".join(parts)


def _receiving(body: bytes) -> Receive:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _appending(messages: list[Any]) -> Send:
    async def send(message: Message) -> None:
        messages.append(message)

    return send


def float_prices(it: Exchanged) -> None:
    """Prices pass through a binary float."""
    if it.path.startswith("/orders") and it.status < 300 and it.body:
        it.answer(it.document)


def spelt_right(it: Exchanged) -> None:
    """The oddity of the login is mended."""
    it.body = it.body.replace(b'"sucess"', b'"success"')


def same_status_in_the_body(it: Exchanged) -> None:
    """The oddity of an order update is mended."""
    if it.path == "/orders/update" and it.status == 200:
        it.answer(it.document | {"status": 200})


def no_mask(it: Exchanged) -> None:
    """A registration answers the password."""
    if it.path == "/users/register" and it.status == 201:
        mask, password = b'"********"', json.dumps(it.sent["password"]).encode()
        it.body = it.body.replace(mask, password)


def no_allow(it: Exchanged) -> None:
    """What is allowed is not told with a 405."""
    if it.status == 405:
        del it.headers[b"allow"]


def first_bad_field_only(it: Exchanged) -> None:
    """Validation stops at the first fault."""
    if it.status == 400 and b'"errors"' in it.body:
        document = it.document
        problem = document["data"]["data"] if "data" in document else document
        del problem["errors"][1:]
        it.answer(document)


def no_location(it: Exchanged) -> None:
    """A new order is not told where it is."""
    if it.path == "/orders/new":
        it.headers.pop(b"location", None)


def no_version(it: Exchanged) -> None:
    """A product that is read has no version."""
    if it.method == "GET" and it.path.startswith("/products/"):
        it.headers.pop(b"etag", None)


def always_an_envelope(it: Exchanged) -> None:
    """`Accept` is ignored."""
    if it.headers[b"content-type"] == b"application/problem+json":
        it.headers[b"content-type"] = b"application/json"
        it.answer({"status": it.status, "message": "error", "data": {"data": it.document}})


def unknown_products_updated(it: Exchanged) -> None:
    """An order update does not ask whether its products exist."""
    if it.path == "/orders/update" and b'"unknown_product"' in it.body:
        it.status = 200
        it.headers |= {b"content-type": b"application/json", b"etag": b'"2"'}
        fields = ("_id", "customer_id", "price", "items", "status")
        order = {name: it.sent[name] for name in fields}
        it.answer({"status": 201, "message": "success", "data": {"data": order}})


def trim_emails(path: str, body: bytes) -> bytes:
    """White space around an email is taken away."""
    try:
        sent = json.loads(body)
        sent["email"] = sent["email"].strip()
    except (ValueError, TypeError, KeyError, AttributeError):
        return body
    return json.dumps(sent).encode() if path.startswith("/users") else body
