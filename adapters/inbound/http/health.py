"""`/health`: for whoever starts, stops and balances processes."""

from litestar import Router
from litestar.types import ASGIApp

from adapters.inbound.http.answers import TEXT, Answer
from adapters.inbound.http.bodies import HttpRequest
from adapters.inbound.http.endpoints import get
from core.use_cases.health import CheckHealth


def health_routes(check: CheckHealth) -> Router:
    """Make the routes under `/health`."""

    @get("/live")
    async def live(request: HttpRequest) -> ASGIApp:
        return Answer(b"ok\n", TEXT)

    @get("/ready")
    async def ready(request: HttpRequest) -> ASGIApp:
        health = await check()
        storage = f"storage down: {health.storage_down}" if health.storage_down else "storage ok"
        events = (
            f"events degraded: {health.events_degraded}" if health.events_degraded else "events ok"
        )
        return Answer(f"{storage}\n{events}\n".encode(), TEXT, 503 if health.storage_down else 200)

    return Router("/health", route_handlers=[live, ready])
