"""All that operators ask of a backlog, once."""

from adapters.outbound.mongo import MongoStorage
from adapters.outbound.system import new_id
from core.domain.events import OrderEvent
from tests.outbound.orders import CLOCK, a_change, an_order


async def use_the_backlog(storage: MongoStorage) -> None:
    now = CLOCK.now()
    backlog = storage.backlog
    order = an_order()
    change = a_change(order)
    await storage.orders.add(order, change, "me")
    await storage.outbox.fail("me", OrderEvent(order.id, 1, change), "too large", now, 4)
    await backlog.find(order.id)
    for many in (backlog.waiting, backlog.failed, backlog.orders):
        assert [one async for one in many()]
    assert [one async for one in backlog.changed_since(now)]
    await backlog.get([order.id, new_id()])
    await backlog.discard(order.id, 1, now)
    await backlog.retry([order.id, new_id()], now)
