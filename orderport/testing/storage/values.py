"""What holds for every port of a storage: values come back as they were, and belong to the caller."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderport import (
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_STATUS,
    MAX_INT,
    MOST_ITEMS,
    Item,
    Order,
    OrderEvent,
    Storage,
    exact_price,
)
from orderport.testing.examples import (
    NOON,
    a_change,
    a_product,
    a_user,
    an_order,
    claim,
    new_id,
    stored,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageAdapter, StorageChecks

TEXTS = [
    "plain",
    "é€😀 \u2028",
    '"quoted" \\',
    "'; DROP TABLE users; --",
    "$set",
    "$$ROOT",
    "a.b",
    "100%_",
    "e\u0301 is not é",
    "\u00a0x\u200b",
    "0012",
    "null",
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
TIMES = [
    datetime(1970, 1, 1, tzinfo=UTC),
    NOON + timedelta(milliseconds=1),
    NOON + timedelta(milliseconds=999),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2262, 4, 12, 0, 0, tzinfo=UTC),
]


class ValuesChecks(StorageChecks):
    """What holds for every port of a storage."""

    @pytest.mark.parametrize("text", TEXTS)
    @promise("Equal values come back equal...")
    async def test_equal_texts_come_back(self, storage: Storage, text: str) -> None:
        user, product, order = a_user(text), a_product(text), an_order(status=text)
        await storage.users.add(user)
        await storage.products.add(product)
        await storage.orders.add(order, a_change(order), "me")
        assert await storage.users.get(user.id) == user
        assert await storage.products.get(product.id) == product
        assert await storage.orders.get(order.id) == order
        assert await storage.orders.replace(order, a_change(order), "me")
        assert await storage.orders.get(order.id) == order.at(2)

    @promise("Equal values come back equal...")
    async def test_the_longest_values_come_back(self, storage: Storage) -> None:
        widest = "\U0001f600"
        email = f"{new_id()}@{'x' * 63}.example".rjust(LONGEST_EMAIL, "a")
        user, product = a_user(widest * LONGEST_NAME, email), a_product(widest * LONGEST_NAME)
        order = an_order(status=widest * LONGEST_STATUS, items=MOST_ITEMS)
        await storage.users.add(user)
        await storage.products.add(product)
        await storage.orders.add(order, a_change(order), "me")
        assert await storage.users.find(email) == user
        assert await storage.products.get(product.id) == product
        assert await storage.orders.get(order.id) == order

    @pytest.mark.parametrize("price", PRICES)
    @promise("... prices to the last digit.")
    async def test_equal_prices_come_back(self, storage: Storage, price: str) -> None:
        order = an_order(price=price)
        await storage.orders.add(order, a_change(order), "me")
        found = await storage.orders.get(order.id)
        assert found == order
        assert f"{found.price:f}" == price
        assert found.to_json() == order.to_json()

    @promise("... prices to the last digit.")
    def test_any_price_comes_back(self, storage: Storage, adapter: StorageAdapter) -> None:
        @given(st.integers(0, 10**34 - 1), st.integers(0, 34))
        @settings(max_examples=30, deadline=None, database=None)
        def check(digits: int, decimals: int) -> None:
            price = exact_price(Decimal(f"{digits}e-{decimals}"))
            order = an_order(price=f"{price or 0:f}")
            adapter.run(storage.orders.add(order, a_change(order), "me"))
            found = adapter.run(storage.orders.get(order.id))
            assert found
            assert found.to_json() == order.to_json()

        check()

    @pytest.mark.parametrize("number", [0, MAX_INT])
    @promise("Equal values come back equal...")
    async def test_equal_numbers_come_back(self, storage: Storage, number: int) -> None:
        product = a_product(stock=number)
        await storage.products.add(product)
        assert await storage.products.get(product.id) == product

    @pytest.mark.parametrize("time", TIMES)
    @promise("Equal values come back equal...")
    async def test_equal_times_come_back(self, storage: Storage, time: datetime) -> None:
        order = an_order()
        change = a_change(order, time)
        await storage.orders.add(order, change, "me")
        ((event,),) = [one.events for one in await storage.outbox.claim("me", time, [order.id])]
        assert event.change == change
        assert event.headers() == OrderEvent(order.id, 1, change).headers()

    @promise("Equal values come back equal...")
    async def test_values_come_back_of_the_same_types(self, storage: Storage) -> None:
        user, product, order = a_user(), a_product(), an_order()
        await storage.users.add(user)
        await storage.products.add(product)
        await storage.orders.add(order, a_change(order), "me")
        assert repr(await storage.users.get(user.id)) == repr(user)
        assert repr(await storage.users.find(user.email)) == repr(user)
        assert repr(await storage.products.get(product.id)) == repr(product)
        assert repr(await storage.orders.get(order.id)) == repr(order)
        assert await storage.users.exists(user.id) is True
        assert await storage.users.exists(new_id()) is False

    @promise("Equal values come back equal...")
    async def test_items_come_back_in_their_order_repeats_included(self, storage: Storage) -> None:
        one, other = Item(new_id(), 1), Item(new_id(), MAX_INT)
        order = Order(new_id(), new_id(), Decimal(1), (one, other, one, one), "new")
        await storage.orders.add(order, a_change(order), "me")
        found = await storage.orders.get(order.id)
        assert found
        assert found.items == (one, other, one, one)

    @promise("What is returned is the caller's own: changing it changes nothing that is stored.")
    async def test_what_is_returned_is_the_callers_own(self, storage: Storage) -> None:
        order, product_id = await stored(storage, "me", versions=2), new_id()
        for _ in range(2):
            missing = await storage.products.missing([product_id])
            assert missing == {product_id}
            missing.clear()
            waiting = await storage.outbox.mark({order.id: 1})
            assert waiting == {order.id}
            waiting.clear()
            claimed = await storage.outbox.claim("me", NOON, [order.id])
            assert [one.order_id for one in claimed] == [order.id]
            found = await storage.backlog.get([order.id])
            assert [one.latest.order_id for one in found] == [order.id]
            for sequence in (claimed, found):
                if isinstance(sequence, list):
                    sequence.clear()

    @promise("What is returned is the caller's own: changing it changes nothing that is stored.")
    async def test_what_is_given_stays_the_callers_own(self, storage: Storage) -> None:
        order, other = await stored(storage, "me", versions=3), await stored(storage, "me")
        delivered, ids = {order.id: 1}, [order.id, other.id]
        await storage.outbox.mark(delivered)
        await storage.outbox.claim("me", NOON, ids)
        await storage.backlog.get(ids)
        assert (delivered, ids) == ({order.id: 1}, [order.id, other.id])
        delivered[order.id] = 3
        ids.clear()
        assert await claim(storage, "me", NOON, order, other) == {order.id: [2, 3], other.id: [1]}

    @promise("What is returned is the caller's own: changing it changes nothing that is stored.")
    async def test_what_was_read_stays_as_it_was(self, storage: Storage) -> None:
        user, product, order = a_user(), a_product(), an_order()
        await storage.users.add(user)
        await storage.products.add(product)
        await storage.orders.add(order, a_change(order), "me")
        before = (
            await storage.users.get(user.id),
            await storage.products.get(product.id),
            await storage.orders.get(order.id),
        )
        await storage.users.replace(replace(user, name="Eve"))
        await storage.products.replace(replace(product, stock=9))
        await storage.orders.replace(replace(order, status="sent"), a_change(order), "me")
        assert before == (user, product, order)
