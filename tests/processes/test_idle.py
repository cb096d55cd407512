"""What a process without work costs the storage, as MongoDB's own profiler has it."""

import asyncio
from datetime import timedelta
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from core.use_cases.relay import SCAN_SECONDS
from tests.harness.on_servers import settings_for
from tests.harness.process import running
from tests.processes.desk import Desk, open_desk
from tests.servers import KafkaServer, MongoServer

DELIVERED = 200
IDLE_SECONDS = 3.0
SHORTEST_PAUSE = 0.8 * SCAN_SECONDS
FOUND_SECONDS = 20.0
LONG_AGO = timedelta(hours=1)

Database = AsyncDatabase[dict[str, Any]]


async def test_an_idle_process_asks_once_a_second_and_it_and_a_leftover_are_found_by_index(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    settings = settings_for(mongo_server, kafka_server)
    async with (
        open_desk(settings) as desk,
        AsyncMongoClient[dict[str, Any]](mongo_server.uri) as client,
    ):
        database = client[settings["ORDERPORT_MONGO_DATABASE"]]
        await asyncio.gather(*(store_delivered(desk) for _ in range(DELIVERED)))
        with running(settings):
            await database.command("profile", 2)
            await asyncio.sleep(IDLE_SECONDS)
            while_idle = await profile(database)
            await find_leftover(desk)
            await database.command("profile", 0)
            until_found = await profile(database)

    assert IDLE_SECONDS / 2 < len(while_idle) <= IDLE_SECONDS / SHORTEST_PAUSE + 1
    for asked in while_idle:
        assert asked["op"] == "query"
        assert (asked["keysExamined"], asked["docsExamined"]) == (0, 0)
    assert {asked["op"] for asked in until_found} == {"query", "insert", "command"}
    for asked in until_found:
        assert "COLLSCAN" not in asked.get("planSummary", "")
        assert asked.get("docsExamined", 0) <= 1


async def store_delivered(desk: Desk) -> None:
    (event,) = await desk.place()
    await desk.mark(event)


async def find_leftover(desk: Desk) -> None:
    """Leave an event behind, and return once the process has sent it."""
    (event,) = await desk.place(ago=LONG_AGO)
    async with asyncio.timeout(FOUND_SECONDS):
        while await desk.storage.backlog.find(event.order_id):  # noqa: ASYNC110 - it gives no sign
            await asyncio.sleep(0.1)


async def profile(database: Database) -> list[dict[str, Any]]:
    """Give what the profiler has seen of the orders."""
    name = f"{database.name}.orders"
    return await database["system.profile"].find({"ns": name}).sort("ts", 1).to_list()
