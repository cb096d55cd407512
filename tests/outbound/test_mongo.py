"""What the MongoDB adapter promises beyond its ports: deadlines, streams, settings."""

import ast
import asyncio
import time
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from bson import ObjectId

from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.system import new_id
from core.domain.errors import StorageUnavailable, WrongSettings
from core.domain.ids import Id
from tests.outbound.backlog import use_the_backlog
from tests.outbound.orders import a_change, an_order
from tests.servers import MongoServer

REPOSITORY = Path(__file__).parents[2]


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
