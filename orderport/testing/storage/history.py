"""Any history of calls: the storage answers as the one in memory does, whatever was done before."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck
from hypothesis import settings as run_with
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from adapters.outbound.memory import MemoryStorage
from orderport import (
    Feature,
    Order,
    OrderEvent,
    OrderportError,
    Product,
    Storage,
    User,
)
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

numbers = st.integers(0, 3)
versions = st.integers(1, 6)
names = st.sampled_from(["one", "another"])
texts = st.sampled_from(["new", "é😀"])
moments = st.sampled_from([NOON + timedelta(seconds=seconds) for seconds in (0, 5, 10, 15, 31)])

T = TypeVar("T")


class History(RuleBasedStateMachine):
    """The same calls on a storage and on the one in memory."""

    adapter: StorageAdapter

    def __init__(self) -> None:
        super().__init__()
        self.model: Storage = MemoryStorage()
        self.run_id = new_id()
        self.users: list[User] = []
        self.products: list[Product] = []
        self.orders: list[Order] = []

    def both(self, call: Callable[[Storage], Coroutine[Any, Any, T]]) -> None:
        """Call both, and see that they answer alike."""
        expected, answer = (
            self.adapter.run(outcome(call(storage)))
            for storage in (self.model, self.adapter.shared())
        )
        assert answer == expected

    def who(self, name: str) -> str:
        """Give the name of a process that only this history has."""
        return f"{name} {self.run_id}"

    def email(self, number: int, *, upper: bool) -> str:
        """Give one of a few emails, in either case."""
        email = f"{number}.{self.run_id}@example.com"
        return email.upper() if upper else email

    # Users and products

    @rule(number=numbers, upper=st.booleans(), name=texts)
    def add_user(self, number: int, upper: bool, name: str) -> None:
        user = a_user(name, self.email(number, upper=upper))
        self.users.append(user)
        self.both(lambda storage: storage.users.add(user))

    @precondition(lambda self: self.users)
    @rule(who=numbers, number=numbers, upper=st.booleans(), version=st.integers(1, 3))
    def replace_user(self, who: int, number: int, upper: bool, version: int) -> None:
        user = replace(
            one_of(self.users, who), email=self.email(number, upper=upper), version=version
        )
        self.both(lambda storage: storage.users.replace(user))

    @precondition(lambda self: self.users)
    @rule(number=numbers, verified=texts, password_hash=texts)
    def rehash(self, number: int, verified: str, password_hash: str) -> None:
        user = one_of(self.users, number)
        before = user.password_hash if verified == "new" else verified
        self.both(lambda storage: storage.users.rehash(user.id, before, password_hash))

    @rule(stock=numbers)
    def add_product(self, stock: int) -> None:
        product = a_product(stock=stock)
        self.products.append(product)
        self.both(lambda storage: storage.products.add(product))

    @rule(number=numbers, stock=numbers)
    def replace_product(self, number: int, stock: int) -> None:
        product = replace(one_of([*self.products, a_product()], number), stock=stock)
        self.both(lambda storage: storage.products.replace(product))

    # Orders and their events

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
        orders = self.orders[first : first + 2]
        self.both(lambda storage: claim(storage, self.who(name), now, *orders))

    @rule(name=names, now=moments, most=st.integers(1, 3))
    def claim_due(self, name: str, now: datetime, most: int) -> None:
        self.both(lambda storage: claim_due(storage, self.who(name), now, *self.orders, most=most))

    @rule(number=numbers, version=versions, more=st.booleans())
    def mark(self, number: int, version: int, more: bool) -> None:
        delivered = {self.order(number).id: version}
        if more:
            delivered[self.order(number + 1).id] = 1
        self.both(lambda storage: storage.outbox.mark(delivered))

    @rule(number=numbers, name=names, version=versions, at=moments)
    def fail(self, number: int, name: str, version: int, at: datetime) -> None:
        order = self.order(number)
        event = OrderEvent(order.id, version, a_change(order))
        self.both(lambda storage: storage.outbox.fail(self.who(name), event, REASON, at, 4))

    @rule(name=names, now=moments)
    def give_up(self, name: str, now: datetime) -> None:
        self.both(lambda storage: storage.outbox.give_up(self.who(name), now))

    @rule(now=moments)
    def retry(self, now: datetime) -> None:
        ids = [order.id for order in self.orders]
        self.both(lambda storage: storage.backlog.retry(ids, now))

    @rule(number=numbers, version=versions, now=moments)
    def discard(self, number: int, version: int, now: datetime) -> None:
        order_id = self.order(number).id
        self.both(lambda storage: storage.backlog.discard(order_id, version, now))

    def order(self, number: int) -> Order:
        """Give an order, which may be one that nobody has stored."""
        return one_of([*self.orders, an_order()], number)

    # What can be seen of it

    @precondition(lambda self: Feature.DURABLE in self.adapter.features)
    @rule()
    def open_again(self) -> None:
        self.adapter.close()

    @rule()
    def look(self) -> None:
        users = [user.id for user in self.users]
        emails = [self.email(number, upper=True) for number in range(4)]
        products = [*(product.id for product in self.products), self.run_id]
        orders = [order.id for order in self.orders]
        self.both(lambda storage: view_of_people_and_products(storage, users, emails, products))
        self.both(lambda storage: view_of_each_order(storage, orders))

    def teardown(self) -> None:
        """See that all that is stored is alike."""
        self.look()
        ids = {order.id for order in self.orders}
        since = NOON + timedelta(seconds=10)
        self.both(lambda storage: view_of_all_orders(storage, ids, since))


async def outcome(work: Coroutine[Any, Any, T]) -> T | type[OrderportError]:
    """Give the answer, or the kind of error that came instead."""
    try:
        return await work
    except OrderportError as error:
        return type(error)


def one_of(things: Sequence[T], number: int) -> T:
    """Give one of them, whatever the number is."""
    return things[number % len(things)]


class HistoryChecks(StorageChecks):
    """All ports together."""

    @promise(
        "Every other write has ended when its method returns, and lasts.",
        "The events that wait to be sent, inside their orders, and who takes care of them.",
    )
    def test_any_history_gives_the_answers_of_the_storage_in_memory(
        self, adapter: StorageAdapter
    ) -> None:
        class HistoryOfThis(History):
            pass

        HistoryOfThis.adapter = adapter
        run_state_machine_as_test(
            HistoryOfThis,
            settings=run_with(
                max_examples=20,
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
