"""Routes whose handlers take the request and give a whole answer.

Litestar finds the route and answers what is raised. All that it does beyond that, to call a function with parameters
of its own and to make a response of what it returns, is not needed here and would take a third of a request's time.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from litestar import HttpMethod, Request
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, ExceptionHandlersMap, Middleware, Receive, Scope, Send

from adapters.inbound.http.bodies import HttpRequest

Handler = Callable[[HttpRequest], Awaitable[ASGIApp]]


class Endpoint(HTTPRouteHandler):
    """A route handler whose function is called with the request alone, where Litestar puts a middleware."""

    _exception_handlers: Any = None

    def resolve_exception_handlers(self) -> ExceptionHandlersMap:
        """Give them, gathered once; Litestar gathers them for each request."""
        if self._exception_handlers is None:
            self._exception_handlers = super().resolve_exception_handlers()
        gathered: ExceptionHandlersMap = self._exception_handlers
        return gathered

    def resolve_middleware(self) -> list[Middleware]:
        """Give what stands before the call that Litestar would make: it makes the call itself."""
        return [*super().resolve_middleware(), self._call_instead]

    def _call_instead(self, app: ASGIApp) -> ASGIApp:
        handle: Handler = self.fn

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await handle(Request(scope, receive, send))
            await answer(scope, receive, send)

        return call


get = partial(Endpoint, http_method=[HttpMethod.GET, HttpMethod.HEAD])
post = partial(Endpoint, http_method=HttpMethod.POST)
put = partial(Endpoint, http_method=HttpMethod.PUT)
