"""What holds for every port of a storage: the docstring of `core.ports.storage`, and the port `Storage`."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.orders import Item, Order
from core.domain.prices import exact_price
from core.ports.storage import Storage
from tests.contract.ports.examples import LATER, a_change, a_product, a_user, an_order, stored

TEXTS = [
    "plain",
    "é€😀 \u2028",
    '"quoted" \\',
    "$set",
    "$$ROOT",
    "a.b",
    "e\u0301 is not é",
    "\u00a0x\u200b",
]
PRICES = [
    "0",
    "12.5",
    "100",
    "1000000000000",
    "0." + "0" * 33 + "1",
    "0." + "1" * 34,
    "0.1000000000000000055511151231257827",
    "999999999999.9999999999999999999999",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_equal_texts_come_back(storage: Storage, text: str) -> None:
    """Equal values come back equal."""
    user, product, order = a_user(text), a_product(text), an_order(status=text)
    await storage.users.add(user)
    await storage.products.add(product)
    await storage.orders.add(order, a_change(order), "me")
    assert await storage.users.get(user.id) == user
    assert await storage.products.get(product.id) == product
    assert await storage.orders.get(order.id) == order
    updated = await storage.orders.replace(order, a_change(order), "me")
    assert updated
    assert await storage.orders.get(order.id) == order.at(2)


@pytest.mark.parametrize("price", PRICES)
async def test_equal_prices_come_back(storage: Storage, price: str) -> None:
    """Prices to the last digit."""
    order = an_order(price=price)
    await storage.orders.add(order, a_change(order), "me")
    found = await storage.orders.get(order.id)
    assert found is not None
    assert found == order
    assert f"{found.price:f}" == price
    assert found.to_json() == order.to_json()


@given(st.integers(0, 10**34 - 1), st.integers(0, 34))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_equal_price_comes_back(storage: Storage, digits: int, decimals: int) -> None:
    """Prices to the last digit."""
    price = exact_price(Decimal(f"{digits}e-{decimals}"))
    order = an_order(price=f"{price or 0:f}")
    await storage.orders.add(order, a_change(order), "me")
    found = await storage.orders.get(order.id)
    assert found is not None
    assert found.to_json() == order.to_json()


@pytest.mark.parametrize("stock", [0, 2_147_483_647])
async def test_equal_numbers_come_back(storage: Storage, stock: int) -> None:
    """Equal values come back equal."""
    product = a_product(stock=stock)
    await storage.products.add(product)
    assert await storage.products.get(product.id) == product


async def test_items_come_back_in_their_order_repeats_included(storage: Storage) -> None:
    """Equal values come back equal."""
    one, other = (Item(a_product().id, quantity) for quantity in (1, 2_147_483_647))
    order = Order(an_order().id, a_user().id, Decimal(1), (one, other, one, one), "new")
    await storage.orders.add(order, a_change(order), "me")
    found = await storage.orders.get(order.id)
    assert found is not None
    assert found.items == (one, other, one, one)


async def test_what_is_returned_is_the_callers_own(storage: Storage) -> None:
    """What is returned is the caller's own: changing it changes nothing that is stored."""
    order, product = await stored(storage, "me", versions=2), a_product()
    missing = await storage.products.missing([product.id])
    missing.clear()
    assert await storage.products.missing([product.id]) == {product.id}
    waiting = await storage.outbox.mark({order.id: 1})
    waiting.clear()
    assert await storage.outbox.mark({order.id: 1}) == {order.id}
    for value in (await storage.orders.get(order.id), a_user(), product):
        with pytest.raises(AttributeError):
            setattr(value, "version", 9)  # noqa: B010 - what the type checker forbids


async def test_preparing_once_more_changes_nothing(storage: Storage) -> None:
    """Make whatever has to be there before anything is stored; harmless when repeated."""
    order = await stored(storage, "me")
    await storage.prepare()
    await storage.prepare()
    assert await storage.orders.get(order.id) == order
    claimed = await storage.outbox.claim("me", LATER, [order.id])
    assert [claim.order_id for claim in claimed] == [order.id]


async def test_storage_that_serves_says_so(storage: Storage) -> None:
    """Raise `StorageUnavailable` where storage cannot serve now."""
    await storage.check()
