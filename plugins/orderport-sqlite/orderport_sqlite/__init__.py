"""Storage for Orderport in one SQLite file."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from orderport import Environment, Feature, WrongSettings
from orderport_sqlite.backlog import SqliteBacklog
from orderport_sqlite.database import Database
from orderport_sqlite.orders import SqliteOrders
from orderport_sqlite.outbox import SqliteOutbox
from orderport_sqlite.products import SqliteProducts
from orderport_sqlite.users import SqliteUsers

__all__ = ["SqliteSettings", "SqliteStorage"]

VARIABLE = "ORDERPORT_SQLITE_PATH"
OLDEST_SQLITE = (3, 38, 0)
"""Since when JSON functions are always there; STRICT tables and RETURNING are older."""


class SqliteStorage:
    """The port `Storage`, on one file."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users = SqliteUsers(database)
        self.products = SqliteProducts(database)
        self.orders = SqliteOrders(database)
        self.outbox = SqliteOutbox(database)
        self.backlog = SqliteBacklog(database)

    async def prepare(self) -> None:
        await self.database.prepare()

    async def check(self) -> None:
        await self.database.check()


@dataclass(frozen=True, slots=True)
class SqliteSettings:
    """The entry point `sqlite` of `orderport.storage`; `seconds` is what one operation may take."""

    path: Path
    seconds: float = 5.0

    ports_version: ClassVar = 0
    features: ClassVar = frozenset({Feature.DURABLE, Feature.SHARED})

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        path = environment.get(VARIABLE, "")
        problems = [f"{VARIABLE}: {problem}" for problem in _problems(path)]
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            oldest = ".".join(map(str, OLDEST_SQLITE))
            problems.append(
                f"ORDERPORT_STORAGE: sqlite needs SQLite {oldest}; this Python has {sqlite3.sqlite_version}"
            )
        if problems:
            raise WrongSettings(problems)
        return cls(Path(path))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SqliteStorage]:
        database = Database(self.path, self.seconds)
        try:
            yield SqliteStorage(database)
        finally:
            await database.close()


def _problems(path: str) -> list[str]:
    if not path:
        return ["is needed: the path of the file that keeps everything"]
    if path == ":memory:":
        return ["must be a file; to keep nothing there is ORDERPORT_STORAGE=memory"]
    if "\0" in path:
        return [f"{path!r} is no path"]
    if Path(path).is_dir():
        return [f"{path!r} is a folder"]
    if not Path(path).absolute().parent.is_dir():
        return [f"there is no folder in which {path!r} could be"]
    return []
