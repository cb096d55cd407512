"""Add, update, read back products."""

from collections.abc import Mapping

from core.domain.errors import NotFound
from core.domain.fields import Fields, read_id
from core.domain.products import Product, read_product
from core.ports.storage import Products
from core.ports.system import NewId


class AddProduct:
    """Make a new product."""

    def __init__(self, products: Products, new_id: NewId) -> None:
        self._products = products
        self._new_id = new_id

    async def __call__(self, values: Mapping[str, object]) -> Product:
        """Take `name` and `stock`. Raises `Invalid`."""
        fields = Fields(values)
        product = read_product(fields, self._new_id())
        fields.check()
        await self._products.add(product)
        return product


class UpdateProduct:
    """Replace a product whole."""

    def __init__(self, products: Products) -> None:
        self._products = products

    async def __call__(self, values: Mapping[str, object]) -> Product:
        """Take `_id`, `name` and `stock`. Raises `Invalid`, `NotFound`."""
        fields = Fields(values)
        product = read_product(fields, fields.id("_id"))
        fields.check()
        stored = await self._products.replace(product)
        if stored is None:
            raise NotFound("product")
        return stored


class GetProduct:
    """Read a product back."""

    def __init__(self, products: Products) -> None:
        self._products = products

    async def __call__(self, product_id: str) -> Product:
        """Raises `Invalid`, `NotFound`."""
        product = await self._products.get(read_id(product_id))
        if product is None:
            raise NotFound("product")
        return product
