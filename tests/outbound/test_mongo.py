"""What the MongoDB adapter promises beyond its ports: indexes, deadlines, documents."""

import ast
import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient, monitoring

from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.system import SystemClock, new_id
from core.domain.errors import Overloaded, StorageUnavailable, WrongSettings
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.domain.products import Product
from core.domain.users import User
from core.ports.storage import MOST_WAITING_BYTES
from tests.servers import MongoServer

REPOSITORY = Path(__file__).parents[2]
CLOCK = SystemClock()


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


@pytest.fixture(scope="module")
def settings(mongo_server: MongoServer) -> MongoSettings:
    return MongoSettings(mongo_server.uri, f"test_{token_hex(4)}", seconds=1.0)


@pytest.fixture
async def storage(settings: MongoSettings) -> AsyncIterator[MongoStorage]:
    async with settings.open() as storage:
        await storage.prepare()
        yield storage


@pytest.fixture
async def raw(settings: MongoSettings) -> AsyncIterator[Any]:
    async with AsyncMongoClient[dict[str, Any]](settings.uri, tz_aware=True) as client:
        yield client[settings.database]


def an_order(status: str = "new") -> Order:
    return Order(new_id(), new_id(), Decimal("12.5"), (Item(new_id(), 2),), status)


def a_change(order: Order, kind: EventType = EventType.UPDATED) -> Change:
    return Change(kind, CLOCK.now(), None, order.to_json())


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


class AtFirstUpdate(monitoring.CommandListener):
    """Does something as soon as the first update is acknowledged, while whoever sent it waits."""

    def __init__(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._act = act
        self.done = False

    def started(self, event: monitoring.CommandStartedEvent) -> None: ...

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.command_name == "update" and not self.done:
            self.done = True
            with ThreadPoolExecutor() as aside:  # with an event loop of its own
                aside.submit(asyncio.run, self._act()).result()

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


async def test_a_claim_takes_nothing_that_was_appended_since(settings: MongoSettings) -> None:
    orders = [an_order() for _ in range(3)]
    long_ago = CLOCK.now() - timedelta(hours=1)

    async def append() -> None:
        async with settings.open() as other:
            for order in orders:
                await other.orders.replace(order, a_change(order), "other")

    listener = AtFirstUpdate(append)
    async with settings.open() as storage:
        for order in orders:
            await storage.orders.add(order, replace(a_change(order), time=long_ago), "gone")
    monitoring.register(listener)
    try:
        async with settings.open() as storage:
            claimed = await storage.outbox.claim("me", CLOCK.now(), [order.id for order in orders])
    finally:
        monitoring._LISTENERS.command_listeners.remove(listener)  # noqa: SLF001
    assert listener.done
    assert {claim.order_id for claim in claimed} == {order.id for order in orders}
    assert [[event.version for event in claim.events] for claim in claimed] == [[1]] * 3


@pytest.mark.parametrize(("size", "brought"), [(20_000, [1, 2, 3]), (40_000, [1]), (100_000, [1])])
@pytest.mark.parametrize("others", [0, 1])
async def test_a_claim_brings_fewer_of_large_events(
    storage: MongoStorage, size: int, brought: list[int], others: int
) -> None:
    orders = [an_order() for _ in range(1 + others)]
    for order in orders:
        change = replace(a_change(order), value=b"x" * size)
        await storage.orders.add(order, change, "me")
        for _ in range(3):
            await storage.orders.replace(order, change, "me")
    claimed = await storage.outbox.claim("me", CLOCK.now(), [order.id for order in orders])
    assert [[event.version for event in claim.events] for claim in claimed] == [brought] * len(
        orders
    )


async def test_documents_carry_their_schema_and_prices_as_decimals(
    storage: MongoStorage, raw: Any
) -> None:
    order = an_order()
    await storage.orders.add(order, a_change(order, EventType.CREATED), "me")
    document = await raw.orders.find_one({"_id": ObjectId(order.id)})
    assert document["schema"] == 1
    assert document["price"].to_decimal() == order.price
    assert set(document) == {
        "_id", "schema", "version", "customer_id", "price", "items", "status", "last", "pending",
    }  # fmt: skip


async def test_what_is_inserted_and_what_is_replaced_have_the_same_form(
    storage: MongoStorage, raw: Any
) -> None:
    order = an_order()
    await storage.orders.add(order, a_change(order), "me")
    inserted = await raw.orders.find_one({"_id": ObjectId(order.id)})
    await storage.outbox.mark({order.id: 1})
    await storage.orders.replace(order, a_change(order), "me")
    replaced = await raw.orders.find_one({"_id": ObjectId(order.id)})
    assert shape(inserted) == shape(replaced)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value)


@pytest.mark.parametrize("status", ["$version", "$$ROOT", "{$set: 1}"])
async def test_a_text_that_looks_like_an_expression_is_a_text(
    storage: MongoStorage, status: str
) -> None:
    order = an_order(status)
    await storage.orders.add(order, a_change(order), "me")
    await storage.orders.replace(order, a_change(order), "me")
    assert await storage.orders.get(order.id) == order.at(2)


async def test_no_document_grows_past_what_the_server_takes(storage: MongoStorage) -> None:
    order = Order(
        new_id(),
        new_id(),
        Decimal(1),
        tuple(Item(new_id(), 1) for _ in range(1_000)),
        "x" * 64,
    )
    await storage.orders.add(order, a_change(order), "me")
    size = len(order.to_json())
    fitting = -(-MOST_WAITING_BYTES // size)
    for _ in range(fitting - 1):
        await storage.orders.replace(order, a_change(order), "me")
    with pytest.raises(Overloaded):
        await storage.orders.replace(order, a_change(order), "me")


async def test_a_standalone_server_serves_operators_too(
    standalone_mongo_server: MongoServer,
) -> None:
    settings = MongoSettings(standalone_mongo_server.uri, f"test_{token_hex(4)}")
    async with settings.open() as storage:
        await storage.prepare()
        await use_the_backlog(storage)


async def test_a_stream_takes_longer_than_an_operation_may(settings: MongoSettings) -> None:
    apart = replace(settings, database=f"test_{token_hex(4)}", seconds=10.0)
    async with apart.open() as storage:
        await asyncio.gather(*(add_one(storage) for _ in range(1_100)))
    async with replace(apart, seconds=0.5).open() as storage:
        count = 0
        async for _ in storage.backlog.orders():
            count += 1
            if count == 1:
                await asyncio.sleep(1.0)
    assert count == 1_100


async def add_one(storage: MongoStorage) -> None:
    order = an_order()
    await storage.orders.add(order, a_change(order), "me")


@pytest.mark.parametrize("given", [0, 300], ids=["at its beginning", "in its middle"])
async def test_a_stream_from_a_frozen_server_is_given_up_in_time(
    mongo_server: MongoServer, settings: MongoSettings, given: int
) -> None:
    async with replace(settings, seconds=10.0).open() as storage:
        await asyncio.gather(*(add_one(storage) for _ in range(given + 300)))
    async with settings.open() as storage:
        orders = storage.backlog.orders()
        for _ in range(given):
            await anext(orders)
        (node,) = mongo_server.processes
        node.pause()
        try:
            started = time.monotonic()
            with pytest.raises(StorageUnavailable):
                async for _ in orders:
                    pass
            assert time.monotonic() - started < settings.seconds + 1
        finally:
            node.resume()


async def test_storage_is_closed_in_time_while_the_server_is_frozen(
    mongo_server: MongoServer, settings: MongoSettings
) -> None:
    (node,) = mongo_server.processes
    try:
        async with settings.open() as storage:
            await storage.orders.get(new_id())
            node.pause()
            started = time.monotonic()
        assert time.monotonic() - started < settings.seconds + 1
    finally:
        node.resume()


async def test_a_frozen_server_is_given_up_in_time_and_a_write_is_whole_or_absent(
    mongo_server: MongoServer, settings: MongoSettings, raw: Any
) -> None:
    order = an_order()
    async with settings.open() as storage:
        await storage.orders.get(order.id)
        (node,) = mongo_server.processes
        node.pause()
        try:
            started = time.monotonic()
            with pytest.raises(StorageUnavailable):
                await storage.orders.add(order, a_change(order), "me")
            with pytest.raises(StorageUnavailable):
                await storage.orders.get(order.id)
            assert time.monotonic() - started < 2 * settings.seconds + 1
        finally:
            node.resume()
        await until_answered(storage, order.id)
    document = await raw.orders.find_one({"_id": ObjectId(order.id)})
    assert document is None or [event["version"] for event in document["pending"]] == [1]


async def test_a_server_that_is_killed_and_started_again_is_found_again(
    mongo_server: MongoServer, settings: MongoSettings
) -> None:
    order = an_order()
    async with settings.open() as storage:
        await storage.orders.add(order, a_change(order), "me")
        (node,) = mongo_server.processes
        node.kill()
        with pytest.raises(StorageUnavailable):
            await storage.check()
        await asyncio.to_thread(node.start)
        await until_answered(storage, order.id)
        assert await storage.orders.get(order.id) == order


async def until_answered(storage: MongoStorage, order_id: Id) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await storage.orders.get(order_id)
            except StorageUnavailable:
                continue  # each try waits for as long as an operation may
            return


async def test_an_absent_server_is_told_in_time_when_preparing() -> None:
    settings = MongoSettings("mongodb://127.0.0.1:1", "test", preparing_seconds=0.5)
    async with settings.open() as storage:
        with pytest.raises(StorageUnavailable, match="no server that takes writes can be reached"):
            await storage.prepare()


async def test_a_command_that_is_cancelled_while_it_looks_for_a_server_holds_up_no_other() -> None:
    async with MongoSettings("mongodb://127.0.0.1:1", "test", seconds=2.0).open() as storage:
        topology = storage._database.client._topology  # noqa: SLF001
        waiters = topology._condition._waiters  # noqa: SLF001
        cancelled = asyncio.create_task(storage.check())
        while not waiters:  # noqa: ASYNC110 - the driver gives no sign
            await asyncio.sleep(0.01)
        async with topology._lock:  # noqa: SLF001
            while waiters:  # noqa: ASYNC110 - until it looks again, for which it needs the lock
                await asyncio.sleep(0.01)
            cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        with pytest.raises(StorageUnavailable):
            await asyncio.wait_for(storage.check(), 10)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ORDERPORT_MONGO_URI", "http://localhost"),
        ("ORDERPORT_MONGO_URI", "mongodb://localhost:99999"),
        ("ORDERPORT_MONGO_DATABASE", "a b"),
        ("ORDERPORT_MONGO_DATABASE", "x" * 64),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(WrongSettings, match=variable):
        MongoSettings.from_environment({variable: value})


def test_a_password_in_the_connection_string_is_not_shown() -> None:
    settings = MongoSettings.from_environment(
        {"ORDERPORT_MONGO_URI": "mongodb://ada:secret@localhost"}
    )
    assert "secret" not in repr(settings)


def test_motor_is_never_imported_by_our_code() -> None:
    files = [
        file
        for room in ("core", "adapters", "bootstrap")
        for file in (REPOSITORY / room).rglob("*.py")
    ]
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("motor") for alias in node.names), file
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(("motor", "odmantic.engine")), file
