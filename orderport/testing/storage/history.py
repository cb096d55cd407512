"""Any history of calls: the storage answers as the one in memory does, whatever was done before."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from adapters.outbound.memory import MemoryStorage
from orderport import Feature, Order, OrderEvent, OrderportError, Product, Storage, User
from orderport.testing.examples import (
    NOON,
    REASON,
    a_change,
    a_product,
    a_user,
    an_order,
    claim,
    claim_due,
    new_id,
)
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageAdapter, StorageChecks
from orderport.testing.storage.views import (
    view_of_all_orders,
    view_of_each_order,
    view_of_people_and_products,
)

STEPS = 30
STEPS_BETWEEN_LOOKS = 5
FEWER_EXAMPLES = 5
"""By what hypothesis's own number is divided, since each example is many calls."""
T = TypeVar("T")

numbers = st.integers(0, 2)
offsets = st.sampled_from([0, 0, 0, 1, 2, -1])
names = st.sampled_from(["one", "another"])
texts = st.sampled_from(["new", "é😀"])
moments = st.sampled_from([NOON + timedelta(seconds=seconds) for seconds in (0, 9, 10, 21, 31)])


class History(RuleBasedStateMachine):
    """The same calls on a storage and on the one in memory."""

    adapter: StorageAdapter

    def __init__(self) -> None:
        super().__init__()
        self.model: Storage = MemoryStorage()
        self.id = new_id()
        self.steps = 0

    def both(self, call: Callable[[Storage], Coroutine[Any, Any, T]]) -> None:
        """Call both, and see that they answer alike."""
        expected, answer = (
            self.adapter.run(outcome(call(storage)))
            for storage in (self.model, self.adapter.shared())
        )
        assert answer == expected

    def look(self) -> None:
        """See that all that is stored is alike."""
        raise NotImplementedError

    @invariant()
    def look_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % STEPS_BETWEEN_LOOKS == 0:
            self.look()

    def teardown(self) -> None:
        """Look once more."""
        self.look()

    @precondition(lambda self: Feature.DURABLE in self.adapter.features)
    @rule()
    def open_again(self) -> None:
        self.adapter.close()


async def outcome(work: Coroutine[Any, Any, T]) -> T | type[OrderportError]:
    """Give the answer, or the kind of error that came instead."""
    try:
        return await work
    except OrderportError as error:
        return type(error)


def one_of(things: Sequence[T], number: int) -> T:
    """Give one of them, whatever the number is."""
    return things[number % len(things)]


class UsersAndProducts(History):
    """A few users who want the same few emails, and a few products."""

    def __init__(self) -> None:
        super().__init__()
        self.users: list[User] = []
        self.products: list[Product] = []

    def email(self, number: int, *, upper: bool) -> str:
        """Give one of a few emails, in either case."""
        email = f"{number}.{self.id}@example.com"
        return email.upper() if upper else email

    @rule(number=numbers, upper=st.booleans(), name=texts)
    def add_user(self, number: int, upper: bool, name: str) -> None:
        user = a_user(name, self.email(number, upper=upper))
        self.users.append(user)
        self.both(lambda storage: storage.users.add(user))

    @rule(who=numbers, number=numbers, upper=st.booleans(), name=texts, offset=offsets)
    def replace_user(self, who: int, number: int, upper: bool, name: str, offset: int) -> None:
        user = one_of([*self.users, a_user()], who)
        stored = self.adapter.run(self.model.users.get(user.id)) or user
        changed = replace(
            stored,
            name=name,
            email=self.email(number, upper=upper),
            version=stored.version + offset,
        )
        self.both(lambda storage: storage.users.replace(changed))

    @rule(who=numbers, known=st.booleans(), password_hash=texts)
    def rehash(self, who: int, known: bool, password_hash: str) -> None:
        user = one_of([*self.users, a_user()], who)
        stored = self.adapter.run(self.model.users.get(user.id)) or user
        verified = stored.password_hash if known else "another hash"
        self.both(lambda storage: storage.users.rehash(user.id, verified, password_hash))

    @rule(stock=numbers)
    def add_product(self, stock: int) -> None:
        product = a_product(stock=stock)
        self.products.append(product)
        self.both(lambda storage: storage.products.add(product))

    @rule(number=numbers, stock=numbers)
    def replace_product(self, number: int, stock: int) -> None:
        product = replace(one_of([*self.products, a_product()], number), stock=stock)
        self.both(lambda storage: storage.products.replace(product))

    def look(self) -> None:
        """See that users and products are alike."""
        users = [user.id for user in self.users]
        emails = [self.email(number, upper=True) for number in range(3)]
        products = [*(product.id for product in self.products), self.id]
        self.both(lambda storage: view_of_people_and_products(storage, users, emails, products))


class OrdersAndEvents(History):
    """A few orders, their events, and two processes that take care of them."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Order] = []

    def who(self, name: str) -> str:
        """Give the name of a process that only this history has."""
        return f"{name} {self.id}"

    def order(self, number: int) -> Order:
        """Give an order, which may be one that nobody has stored."""
        return one_of([*self.orders, an_order()], number)

    def version(self, order: Order, offset: int) -> int:
        """Give a version of an order near to the first that waits."""
        waiting = self.adapter.run(self.model.backlog.find(order.id))
        return (waiting.first_version if waiting else 1) + offset

    @initialize(name=names)
    def begin(self, name: str) -> None:
        self.add_order(name, NOON, "new")
        self.replace_order(0, name, NOON, "paid", 1)
        self.add_order(name, NOON, "new")

    @rule(name=names, time=moments, status=texts)
    def add_order(self, name: str, time: datetime, status: str) -> None:
        order = an_order(status)
        self.orders.append(order)
        change = a_change(order, time)
        self.both(lambda storage: storage.orders.add(order, change, self.who(name)))

    @rule(number=numbers, name=names, time=moments, status=texts, items=st.integers(1, 2))
    def replace_order(
        self, number: int, name: str, time: datetime, status: str, items: int
    ) -> None:
        kept = self.order(number)
        order = replace(kept, status=status, items=kept.items * items)
        change = a_change(order, time)

        async def call(storage: Storage) -> tuple[int, bool] | None:
            written = await storage.orders.replace(order, change, self.who(name))
            if written is None:
                return None
            return written.version, written.leased_from == written.version

        self.both(call)

    @rule(name=names, now=moments, first=numbers)
    def claim(self, name: str, now: datetime, first: int) -> None:
        orders = self.orders[first:]
        self.both(lambda storage: claim(storage, self.who(name), now, *orders))

    @rule(name=names, now=moments, most=st.integers(1, 3))
    def claim_due(self, name: str, now: datetime, most: int) -> None:
        self.both(lambda storage: claim_due(storage, self.who(name), now, *self.orders, most=most))

    @rule(number=numbers, offset=offsets, all_else=st.booleans())
    def mark(self, number: int, offset: int, all_else: bool) -> None:
        delivered = {order.id: 1 for order in self.orders} if all_else else {}
        order = self.order(number)
        delivered[order.id] = self.version(order, offset)
        self.both(lambda storage: storage.outbox.mark(delivered))

    @rule(number=numbers, name=names, offset=offsets, at=moments)
    def fail(self, number: int, name: str, offset: int, at: datetime) -> None:
        order = self.order(number)
        event = OrderEvent(order.id, self.version(order, offset), a_change(order))
        self.both(lambda storage: storage.outbox.fail(self.who(name), event, REASON, at, 4))

    @rule(name=names, now=moments)
    def give_up(self, name: str, now: datetime) -> None:
        self.both(lambda storage: storage.outbox.give_up(self.who(name), now))

    @rule(now=moments)
    def retry(self, now: datetime) -> None:
        ids = [order.id for order in self.orders]
        self.both(lambda storage: storage.backlog.retry(ids, now))

    @rule(number=numbers, offset=offsets, now=moments)
    def discard(self, number: int, offset: int, now: datetime) -> None:
        order = self.order(number)
        version = self.version(order, offset)
        self.both(lambda storage: storage.backlog.discard(order.id, version, now))

    def look(self) -> None:
        """See that orders and what waits of them are alike."""
        ids = [order.id for order in self.orders]
        self.both(lambda storage: view_of_each_order(storage, ids))

    def teardown(self) -> None:
        """Look at each order once more, and at all of them."""
        super().teardown()
        ids = {order.id for order in self.orders}
        since = NOON + timedelta(seconds=10)
        self.both(lambda storage: view_of_all_orders(storage, ids, since))


class HistoryChecks(StorageChecks):
    """All ports together."""

    @pytest.mark.parametrize("history", [UsersAndProducts, OrdersAndEvents])
    @promise(
        "Every other write has ended when its method returns, and lasts.",
        "The events that wait to be sent, inside their orders, and who takes care of them.",
    )
    def test_any_history_gives_the_answers_of_the_storage_in_memory(
        self, adapter: StorageAdapter, history: type[History]
    ) -> None:
        usual = settings.get_profile(settings.get_current_profile_name())
        run_state_machine_as_test(
            type(history.__name__, (history,), {"adapter": adapter}),
            settings=settings(
                usual,
                max_examples=usual.max_examples // FEWER_EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
