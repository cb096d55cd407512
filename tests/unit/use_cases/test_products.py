import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import Invalid, NotFound
from core.domain.products import Product
from core.use_cases.products import AddProduct, GetProduct, UpdateProduct
from tests.doubles.clock import CountedIds, counted_id


async def test_a_product_is_added_updated_and_read_back(
    storage: MemoryStorage, new_id: CountedIds
) -> None:
    added = await AddProduct(storage.products, new_id)({"name": " Lamp ", "stock": 3})
    assert added == Product(counted_id(1), "Lamp", 3, version=1)
    assert await GetProduct(storage.products)(added.id) == added

    change: dict[str, object] = {"_id": added.id.upper(), "name": "Lamp", "stock": 0}
    updated = await UpdateProduct(storage.products)(change)
    assert updated == Product(added.id, "Lamp", 0, version=2)
    assert await GetProduct(storage.products)(added.id.upper()) == updated


async def test_an_update_that_changes_nothing_is_a_version_too(
    storage: MemoryStorage, new_id: CountedIds
) -> None:
    added = await AddProduct(storage.products, new_id)({"name": "Lamp", "stock": 3})
    same: dict[str, object] = {"_id": added.id, "name": "Lamp", "stock": 3}
    assert (await UpdateProduct(storage.products)(same)).version == 2


async def test_nothing_is_added_that_breaks_a_rule(
    storage: MemoryStorage, new_id: CountedIds
) -> None:
    with pytest.raises(Invalid) as invalid:
        await AddProduct(storage.products, new_id)({"name": 1, "stock": "1"})
    assert [fault.field for fault in invalid.value.faults] == ["name", "stock"]
    assert await storage.products.missing([counted_id(1)]) == {counted_id(1)}


async def test_an_update_names_every_fault_the_id_among_them(storage: MemoryStorage) -> None:
    with pytest.raises(Invalid) as invalid:
        await UpdateProduct(storage.products)({"stock": 2**31})
    assert sorted(fault.field for fault in invalid.value.faults) == ["_id", "name", "stock"]


async def test_an_unknown_product_is_not_found(storage: MemoryStorage) -> None:
    with pytest.raises(NotFound, match="product"):
        await UpdateProduct(storage.products)({"_id": counted_id(9), "name": "Lamp", "stock": 1})
    with pytest.raises(NotFound, match="product"):
        await GetProduct(storage.products)(counted_id(9))


async def test_reading_back_what_is_no_id_is_a_fault(storage: MemoryStorage) -> None:
    with pytest.raises(Invalid):
        await GetProduct(storage.products)("x")
