"""Any history of orders and their events."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from orderport import Order, OrderEvent, Storage, WaitingOrder
from orderport.testing.examples import NOON, REASON, a_change, an_order, claim, claim_due
from orderport.testing.storage.history import History, numbers, offsets, one_of, texts
from orderport.testing.storage.views import view_of_all_orders, view_of_each_order

mostly = st.sampled_from([True, True, True, False])
names = st.sampled_from(["one", "another"])
moments = st.sampled_from([NOON + timedelta(seconds=seconds) for seconds in (0, 9, 10, 21, 31)])


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

    def waiting(self, order: Order) -> WaitingOrder | None:
        """Give what has to wait of an order."""
        return self.adapter.run(self.model.backlog.find(order.id))

    def version(self, order: Order, offset: int) -> int:
        """Give a version of an order near to the first that waits."""
        waiting = self.waiting(order)
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

    @rule(number=numbers, name=names, by_holder=mostly, offset=offsets, at=moments)
    def fail(self, number: int, name: str, by_holder: bool, offset: int, at: datetime) -> None:
        order = self.order(number)
        waiting = self.waiting(order)
        holds = waiting and waiting.lease and waiting.lease.who
        who = holds if by_holder and holds else self.who(name)
        event = OrderEvent(order.id, self.version(order, offset), a_change(order))
        self.both(lambda storage: storage.outbox.fail(who, event, REASON, at, 4))

    @rule(name=names, now=moments)
    def give_up(self, name: str, now: datetime) -> None:
        self.both(lambda storage: storage.outbox.give_up(self.who(name), now))

    @rule(first=numbers, now=moments)
    def retry(self, first: int, now: datetime) -> None:
        ids = [order.id for order in self.orders[first:]]
        self.both(lambda storage: storage.backlog.retry(ids, now))

    @rule(number=numbers, of_failed=mostly, offset=offsets, now=moments)
    def discard(self, number: int, of_failed: bool, offset: int, now: datetime) -> None:
        failed = [one for one in self.orders if (w := self.waiting(one)) and w.failure]
        order = one_of(failed, number) if of_failed and failed else self.order(number)
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
