"""The outermost layer: a request id on every answer, and paths as they were sent."""

import re
from uuid import uuid4

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_is_visible_ascii = re.compile(rb"[\x21-\x7e]{1,128}").fullmatch

NOWHERE = "/-"
"""A path that no route has: the framework would serve `//orders/new` as `/orders/new`, which is another path."""


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            return
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = sent if _is_visible_ascii(sent) else uuid4().hex.encode()
        scope["state"] = {"request_id": request_id.decode()}
        if "//" in scope["path"]:
            scope["path"] = NOWHERE

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        await self._app(scope, receive, send_with_id)
