"""The HTTP API as one ASGI application."""

from collections.abc import Sequence

from litestar import Litestar, Router

from adapters.inbound.http.bodies import MOST_BYTES
from adapters.inbound.http.edge import Edge
from adapters.inbound.http.problems import answer_error


def create_app(routes: Sequence[Router]) -> Edge:
    """Put the routes together; every error that they or the framework raise gets its answer in one place."""
    return Edge(
        Litestar(
            route_handlers=routes,
            exception_handlers={Exception: answer_error},
            request_max_body_size=MOST_BYTES,
            openapi_config=None,
            logging_config=None,
        )
    )
