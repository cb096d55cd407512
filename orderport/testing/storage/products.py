"""The port `Products`."""

import asyncio
from dataclasses import replace

from orderport import Product, Storage
from orderport.testing.examples import a_product
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks


class ProductsChecks(StorageChecks):
    """The port `Products`."""

    @promise(
        "Store a new product.",
        "Give the product, or None.",
    )
    async def test_a_product_that_was_added_is_there(self, storage: Storage) -> None:
        product = a_product()
        assert await storage.products.get(product.id) is None
        await storage.products.add(product)
        assert await storage.products.get(product.id) == product

    @promise("Tell which of these products do not exist.")
    async def test_products_that_do_not_exist_are_missing(self, storage: Storage) -> None:
        there, not_there = [a_product() for _ in range(3)], [a_product() for _ in range(2)]
        for product in there:
            await storage.products.add(product)
        asked = {product.id for product in there + not_there}
        assert await storage.products.missing(asked) == {product.id for product in not_there}
        assert await storage.products.missing({product.id for product in there}) == set()
        assert await storage.products.missing([]) == set()

    @promise("Tell which of these products do not exist.")
    async def test_a_thousand_products_are_looked_for_at_once(self, storage: Storage) -> None:
        asked = {a_product().id for _ in range(1_000)}
        assert await storage.products.missing(asked) == asked

    @promise(
        "Replace the product whatever its version, `product.version` included, and give what is stored now.",
    )
    async def test_a_product_is_replaced_whatever_its_version(self, storage: Storage) -> None:
        product = a_product()
        await storage.products.add(product)
        for stock, version in ((1, 1), (2, 99), (3, 1)):
            replaced = await storage.products.replace(Product(product.id, "Desk", stock, version))
            assert replaced == Product(product.id, "Desk", stock, version=stock + 1)
            assert await storage.products.get(product.id) == replaced

    @promise("Storage counts the version, so of concurrent calls each makes one of its own.")
    async def test_concurrent_replacements_make_a_version_each(self, storage: Storage) -> None:
        product = a_product()
        await storage.products.add(product)
        replaced = await asyncio.gather(
            *(storage.products.replace(replace(product, stock=stock)) for stock in range(50))
        )
        assert sorted(product.version for product in replaced if product) == list(range(2, 52))
        last = max(
            (product for product in replaced if product), key=lambda product: product.version
        )
        assert await storage.products.get(product.id) == last

    @promise("None where there is no product.")
    async def test_no_product_is_replaced_where_there_is_none(self, storage: Storage) -> None:
        nothing = a_product()
        assert await storage.products.replace(nothing) is None
        assert await storage.products.get(nothing.id) is None
