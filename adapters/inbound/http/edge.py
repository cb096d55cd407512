"""The outermost layer: a request id on every answer, and paths as they were sent."""

import re
from collections.abc import Awaitable
from itertools import count
from secrets import token_hex

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_is_visible_ascii = re.compile(rb"[\x21-\x7e]{1,128}").fullmatch

NOWHERE = "/-"
"""A path that no route has: the framework would serve `//orders/new` as `/orders/new`, which is another path."""


class Edge:
    """Wraps the whole application; the ids that it makes begin with its own and go on with a number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._own = token_hex(12).encode()
        self._numbers = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            return
        request_id = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                request_id = value
                break
        if not _is_visible_ascii(request_id):
            request_id = b"%b%08x" % (self._own, next(self._numbers))
        scope["state"] = {"request_id": request_id.decode()}
        if "//" in scope["path"]:
            scope["path"] = NOWHERE

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            return send(message)

        await self._app(scope, receive, send_with_id)
