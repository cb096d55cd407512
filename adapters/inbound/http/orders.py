"""`/orders`: place, update, read back."""

from functools import partial

from litestar import Router
from litestar.types import ASGIApp

from adapters.inbound.http.answers import created, entity
from adapters.inbound.http.bodies import HttpRequest, Intake
from adapters.inbound.http.endpoints import get, post, put
from adapters.inbound.http.oddities import ORDER_UPDATED_STATUS
from core.use_cases.orders import GetOrder, PlaceOrder, UpdateOrder


def order_routes(intake: Intake, place: PlaceOrder, update: UpdateOrder, read: GetOrder) -> Router:
    """Make the routes under `/orders`."""

    @post("/new")
    async def place_order(request: HttpRequest) -> ASGIApp:
        order = await intake.take(request, partial(place, traceparent=_traceparent(request)))
        return created("/orders", order.id, order.version, order.to_json())

    @put("/update")
    async def update_order(request: HttpRequest) -> ASGIApp:
        order = await intake.take(request, partial(update, traceparent=_traceparent(request)))
        return entity(order.version, order.to_json(), ORDER_UPDATED_STATUS)

    @get("/{order_id:str}")
    async def get_order(request: HttpRequest) -> ASGIApp:
        order = await intake.answer(read(request.path_params["order_id"]))
        return entity(order.version, order.to_json())

    return Router("/orders", route_handlers=[place_order, update_order, get_order])


def _traceparent(request: HttpRequest) -> str | None:
    """Give the header that W3C Trace Context defines; several of it are as good as none."""
    values = [value for name, value in request.scope["headers"] if name == b"traceparent"]
    return values[0].decode("latin-1") if len(values) == 1 else None
