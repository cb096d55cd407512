"""Every query of the MongoDB adapter uses an index."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from secrets import token_hex
from typing import Any

from pymongo import monitoring

from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.system import new_id
from core.domain.events import OrderEvent
from core.domain.products import Product
from core.domain.users import User
from tests.outbound.backlog import use_the_backlog
from tests.outbound.orders import CLOCK, a_change, an_order


class Commands(monitoring.CommandListener):
    """Remembers every command that touches a collection."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in (
            "find",
            "update",
            "findAndModify",
            "aggregate",
            "delete",
            "count",
        ):
            left_out = ("lsid", "$db", "$clusterTime", "txnNumber", "writeConcern", "maxTimeMS")
            command = {k: v for k, v in event.command.items() if k not in left_out}
            # Only one statement at a time can be explained.
            for update in command.get("updates", [None]):
                self.seen.append(command | ({"updates": [update]} if update else {}))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_every_query_uses_an_index(settings: MongoSettings, raw: Any) -> None:
    commands = Commands()
    monitoring.register(commands)
    try:
        async with settings.open() as storage:
            await storage.prepare()
            await use_everything(storage)
    finally:
        # A client takes the listeners that are registered when it is made; there is no public way to take one back.
        monitoring._LISTENERS.command_listeners.remove(commands)  # noqa: SLF001
    names = {next(iter(command)) for command in commands.seen}
    assert names == {"find", "update", "findAndModify"}
    for command in commands.seen:
        plan = await raw.command("explain", command, verbosity="queryPlanner")
        stages = [value for key, value in walk(plan) if key == "stage"]
        assert stages, command
        assert not {"COLLSCAN", "SORT"} & set(stages), command


async def use_everything(storage: MongoStorage) -> None:
    now = CLOCK.now()
    user = User(new_id(), "Ada", f"{token_hex(8)}@example.com", "hash")
    await storage.users.add(user)
    await storage.users.get(user.id)
    await storage.users.find(user.email)
    await storage.users.exists(user.id)
    await storage.users.rehash(user.id, "hash", "other")
    await storage.users.replace(user)
    product = Product(new_id(), "Tea", 1)
    await storage.products.add(product)
    await storage.products.get(product.id)
    await storage.products.missing({product.id, new_id()})
    await storage.products.replace(product)
    order = an_order()
    change = a_change(order)
    await storage.orders.add(order, change, "me")
    await storage.orders.get(order.id)
    await storage.orders.replace(order, change, "me")
    await storage.orders.replace(an_order(), change, "me")
    await storage.outbox.claim_due("other", now + timedelta(seconds=60), 10)
    await storage.outbox.claim("other", now, [order.id])
    await storage.outbox.fail("other", OrderEvent(order.id, 1, change), "too large", now, 4)
    await storage.outbox.mark({order.id: 1})
    await storage.outbox.mark({order.id: 2, new_id(): 1})
    await storage.outbox.give_up("me", now)
    await use_the_backlog(storage)
    await use_together(storage)


async def use_together(storage: MongoStorage) -> None:
    orders = [an_order() for _ in range(3)]
    user, product = User(new_id(), "Ada", "ada@example.com", "hash"), Product(new_id(), "Tea", 1)
    await asyncio.gather(*(storage.orders.add(one, a_change(one), "me") for one in orders))
    await asyncio.gather(*(storage.orders.replace(one, a_change(one), "me") for one in orders))
    await asyncio.gather(*(storage.orders.get(one.id) for one in orders))
    await asyncio.gather(*(storage.users.get(one) for one in (user.id, new_id())))
    await asyncio.gather(*(storage.products.get(one) for one in (product.id, new_id())))
    await asyncio.gather(*(storage.outbox.mark({one.id: 2}) for one in orders))


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            # Plans that were not taken prove nothing.
            if key != "rejectedPlans":
                yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
