"""The file: whose it is, and what may be wrong with it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from orderport import Id, Product, StorageUnavailable
from orderport_sqlite import SqliteSettings, SqliteStorage

LAMP = Product(Id("6b04c0ffee6b04c0ffee6b01"), "Lamp", 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a shop? 100%#é.db"


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[SqliteStorage]:
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
        await storage.products.add(LAMP)
        yield storage


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def why_not_prepared(path: Path) -> str:
    before = path.read_bytes() if path.is_file() else None
    async with SqliteSettings(path).open() as storage:
        with pytest.raises(StorageUnavailable) as error:
            await storage.prepare()
    if before is not None:
        assert path.read_bytes() == before
    assert str(path) in str(error.value)
    return str(error.value)


async def test_the_file_is_for_its_owner_alone(storage: SqliteStorage, path: Path) -> None:
    files = list(path.parent.iterdir())
    assert {file.name.removeprefix(path.name) for file in files} == {"", "-wal", "-shm"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_one_file_is_left_when_storage_is_closed(path: Path) -> None:
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
        await storage.products.add(LAMP)
    assert list(path.parent.iterdir()) == [path]


async def test_an_empty_file_is_taken(path: Path) -> None:
    path.touch()
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
        await storage.products.add(LAMP)
        assert await storage.products.get(LAMP.id) == LAMP


async def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_text("Dear diary, today I have to tell you of something that is no database.\n" * 9)
    assert "no SQLite database" in await why_not_prepared(path)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE notes (note)", "PRAGMA user_version = 1", "PRAGMA application_id = 1"],
)
async def test_the_database_of_another_application_is_left_alone(
    path: Path, statement: str
) -> None:
    execute(path, statement)
    assert "another application" in await why_not_prepared(path)


async def test_a_file_of_another_version_is_left_alone(path: Path) -> None:
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
    execute(path, "PRAGMA user_version = 999")
    assert "schema 999" in await why_not_prepared(path)


async def test_a_damaged_file_is_told(path: Path) -> None:
    async with SqliteSettings(path).open() as storage:
        await storage.prepare()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4_000)
    assert "damaged" in await why_not_prepared(path)


async def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "no such file" in await why_not_prepared(tmp_path / "nowhere" / "shop.db")


async def test_a_file_that_nobody_made_is_not_made_by_looking(path: Path) -> None:
    async with SqliteSettings(path).open() as storage:
        with pytest.raises(StorageUnavailable):
            await storage.check()
        with pytest.raises(StorageUnavailable):
            await storage.products.add(LAMP)
    assert not path.exists()


async def test_a_file_that_is_removed_is_missed_and_taken_again_when_it_is_back(
    storage: SqliteStorage, path: Path
) -> None:
    moved = path.with_name("moved.db")
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(moved)
    for call in (storage.check(), storage.products.get(LAMP.id), storage.products.replace(LAMP)):
        with pytest.raises(StorageUnavailable, match="cannot be opened"):
            await call
    assert not path.exists()
    moved.rename(path)
    await storage.check()
    assert await storage.products.get(LAMP.id) == LAMP


async def test_where_there_is_no_room_nothing_is_written_and_reading_goes_on(
    storage: SqliteStorage,
) -> None:
    large = Product(Id("6b04c0ffee6b04c0ffee6b02"), "Chandelier" * 10_000, 1)
    # As large as it is: a limit of this connection alone, which is not used again after an error.
    await storage.database.write(
        lambda found: found.execute("PRAGMA max_page_count = 1").fetchone()
    )
    with pytest.raises(StorageUnavailable, match="the disk is full"):
        await storage.products.add(large)
    assert await storage.products.get(LAMP.id) == LAMP
    assert await storage.products.get(large.id) is None
    await storage.products.add(large)
    assert await storage.products.get(large.id) == large


async def test_all_that_shared_a_transaction_are_told_that_a_full_disk_ended_it(
    storage: SqliteStorage,
) -> None:
    large = Product(Id("6b04c0ffee6b04c0ffee6b02"), "Chandelier" * 10_000, 1)
    small = Product(Id("6b04c0ffee6b04c0ffee6b03"), "Lamp", 1)
    await storage.database.write(
        lambda found: found.execute("PRAGMA max_page_count = 1").fetchone()
    )
    outcomes = await asyncio.gather(
        storage.products.add(large), storage.products.add(small), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 2
    assert await storage.products.missing([large.id, small.id]) == {large.id, small.id}


async def test_the_file_can_be_read_with_any_tool(storage: SqliteStorage, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (row,) = connection.execute("SELECT id, name, stock FROM products")
    assert row == (LAMP.id, "Lamp", 3)
