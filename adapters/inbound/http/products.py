"""`/products`: add, update, read back."""

from litestar import Router
from litestar.types import ASGIApp

from adapters.inbound.http.answers import created, encode, entity
from adapters.inbound.http.bodies import HttpRequest, Intake
from adapters.inbound.http.endpoints import get, post, put
from core.domain.products import Product
from core.use_cases.products import AddProduct, GetProduct, UpdateProduct


def product_routes(
    intake: Intake, add: AddProduct, update: UpdateProduct, read: GetProduct
) -> Router:
    """Make the routes under `/products`."""

    @post("/new")
    async def add_product(request: HttpRequest) -> ASGIApp:
        product = await intake.take(request, add)
        return created("/products", product.id, product.version, _published(product))

    @put("/update")
    async def update_product(request: HttpRequest) -> ASGIApp:
        product = await intake.take(request, update)
        return entity(product.version, _published(product))

    @get("/{product_id:str}")
    async def get_product(request: HttpRequest) -> ASGIApp:
        product = await intake.answer(read(request.path_params["product_id"]))
        return entity(product.version, _published(product))

    return Router("/products", route_handlers=[add_product, update_product, get_product])


def _published(product: Product) -> bytes:
    return encode({"_id": product.id, "name": product.name, "stock": product.stock})
