"""Writes that share a transaction, and the lock that processes share."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from orderport import EmailTaken, Id, Product, StorageUnavailable, User
from orderport_sqlite import SqliteSettings, SqliteStorage, schema, worker

SECONDS = 0.5
LAMP = Product(Id("6b04c0ffee6b04c0ffee6b01"), "Lamp", 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[SqliteStorage]:
    async with SqliteSettings(path, SECONDS).open() as storage:
        await storage.prepare()
        yield storage


@pytest.fixture
def stranger(storage: SqliteStorage, path: Path) -> Iterator[Connection]:
    """A connection of somebody else."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as found:
        yield found


def insert(connection: Connection, number: int) -> None:
    connection.execute("INSERT INTO products VALUES (?, 1, 'Lamp', 1)", (f"{number:024x}",))


def count(connection: Connection) -> int:
    (number,) = connection.execute("SELECT count(*) FROM products").fetchone()
    return int(number)


async def test_writes_that_wait_share_a_transaction(
    storage: SqliteStorage, stranger: Connection
) -> None:
    def work(connection: Connection, number: int) -> int:
        insert(connection, number)
        return count(stranger)

    stranger.execute("BEGIN IMMEDIATE")
    writes = [asyncio.create_task(storage.database.write(work, number)) for number in range(50)]
    await asyncio.sleep(0)  # all of them are asked for by now
    stranger.execute("ROLLBACK")
    seen = await asyncio.gather(*writes)
    assert len(set(seen)) <= 2  # the first ones may be under way already when the others come
    assert count(stranger) == 50


async def test_a_write_that_fails_is_undone_alone(
    storage: SqliteStorage, stranger: Connection
) -> None:
    def work(connection: Connection, number: int) -> int:
        insert(connection, number)
        if number % 2:
            insert(connection, 1_000 + number)
            raise ValueError(number)
        return number

    outcomes = await asyncio.gather(
        *(storage.database.write(work, number) for number in range(10)), return_exceptions=True
    )
    assert outcomes[::2] == [0, 2, 4, 6, 8]
    assert [type(outcome) for outcome in outcomes[1::2]] == [ValueError] * 5
    assert count(stranger) == 5


async def test_of_one_email_in_one_transaction_one_is_stored(
    storage: SqliteStorage, stranger: Connection
) -> None:
    users = [User(Id(f"{n:024x}"), "Ada", "ada@example.com", "a hash") for n in range(20)]
    stranger.execute("BEGIN IMMEDIATE")
    writes = [asyncio.create_task(storage.users.add(user)) for user in users]
    await asyncio.sleep(0)
    stranger.execute("ROLLBACK")
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(EmailTaken) == 19
    assert outcomes.count(None) == 1


async def test_a_write_waits_for_another_process_and_readers_do_not(
    storage: SqliteStorage, stranger: Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(storage.products.add(LAMP))
    assert await storage.products.get(LAMP.id) is None
    assert not writing.done()
    stranger.execute("ROLLBACK")
    await writing
    assert await storage.products.get(LAMP.id) == LAMP


async def test_a_write_that_waits_for_too_long_is_given_up_and_never_done(
    storage: SqliteStorage, stranger: Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="no answer in time"):
        await storage.products.add(LAMP)
    with pytest.raises(StorageUnavailable):
        await storage.check()
    stranger.execute("ROLLBACK")
    await storage.check()
    assert await storage.products.get(LAMP.id) is None


async def test_a_lock_that_stays_is_told(
    storage: SqliteStorage, stranger: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "BUSY_SECONDS", SECONDS / 10)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="another process"):
        await storage.products.add(LAMP)


async def test_more_than_can_wait_is_refused(
    storage: SqliteStorage, stranger: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MOST_WAITING", 10)
    stranger.execute("BEGIN IMMEDIATE")
    writes = [asyncio.create_task(storage.database.write(insert, number)) for number in range(500)]
    done, waiting = await asyncio.wait(writes, timeout=SECONDS / 5)
    assert len(waiting) <= worker.MOST_TOGETHER + 10
    assert {type(write.exception()) for write in done} == {StorageUnavailable}
    stranger.execute("ROLLBACK")
    await asyncio.wait(waiting)
    assert count(stranger) == len(waiting)


async def test_a_disk_that_hangs_holds_up_neither_the_loop_nor_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CLOSE_SECONDS", SECONDS)
    hanging = threading.Event()
    async with SqliteSettings(path, SECONDS).open() as storage:
        await storage.prepare()
        began = time.monotonic()
        with pytest.raises(StorageUnavailable, match="no answer in time"):
            await storage.database.write(lambda _: hanging.wait())
        assert await storage.products.get(LAMP.id) is None
    assert time.monotonic() - began < 10 * SECONDS
    hanging.set()
