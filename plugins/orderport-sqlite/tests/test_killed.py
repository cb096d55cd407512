"""A process that is killed in the middle of its writing."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from orderport import Id
from orderport_sqlite import SqliteSettings

WRITER = """
import asyncio, secrets, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from orderport import Change, EventType, Id, Item, Order
from orderport_sqlite import SqliteSettings

def an_id():
    return Id(secrets.token_hex(12))

async def place(storage):
    while True:
        order = Order(an_id(), an_id(), Decimal("12.5"), (Item(an_id(), 1),), "new")
        change = Change(EventType.CREATED, datetime(2026, 1, 1, tzinfo=UTC), None, order.to_json())
        await storage.orders.add(order, change, "me")
        print(order.id, flush=True)

async def main():
    async with SqliteSettings(Path(sys.argv[1])).open() as storage:
        await storage.prepare()
        await asyncio.gather(*(place(storage) for _ in range(20)))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 150, 400])
async def test_all_that_was_acknowledged_is_there_and_no_order_without_its_event(
    tmp_path: Path, acknowledged: int
) -> None:
    path = tmp_path / "shop.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        ids = [Id(line.strip()) for line in islice(writer.stdout, acknowledged)]
        writer.send_signal(signal.SIGKILL)
        ids += [Id(line.strip()) for line in writer.stdout if line.endswith("\n")]
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
        found = {order.latest.order_id: order async for order in storage.backlog.orders()}
        assert found.keys() >= set(ids)
        assert {order.waiting for order in found.values()} == {(1,)}
        assert {order.order_id async for order in storage.backlog.waiting()} == found.keys()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
