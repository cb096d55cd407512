"""One thread and one connection for all that writes, another pair for all that reads.

So the event loop never waits for the disk, writes never wait for one another's turn at the lock, and those that wait
while one transaction is written to the disk share the next one.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Concatenate, ParamSpec, TypeVar

from orderport import StorageUnavailable
from orderport_sqlite import schema
from orderport_sqlite.worker import Job, Worker

PREPARE_SECONDS = 8.0

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """The file at `path`; what takes longer than `seconds` raises `StorageUnavailable`.

    Work is a function that gets a connection and then what was passed with it. It runs in another thread: what it
    gets must not be changed meanwhile.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._writer = Worker("sqlite-writer", path, schema.connect, write_together, seconds)
        self._reader = Worker("sqlite-reader", path, _connect_to_read, read_each, seconds)

    async def write(
        self,
        work: Callable[Concatenate[Connection, P], T],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Run work that may write: once this returns, what it wrote is on the disk; where it raises, it wrote nothing.

        Only after `StorageUnavailable` that is not known.
        """
        return await self._writer.do(lambda connection: work(connection, *arguments, **named))

    async def read(
        self,
        work: Callable[Concatenate[Connection, P], T],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Run work that only reads what was committed: one statement, since each sees a state of its own."""
        return await self._reader.do(lambda connection: work(connection, *arguments, **named))

    async def prepare(self) -> None:
        """Make the file where there is none. Raises `StorageUnavailable` with the path and the reason."""
        maker = Worker("sqlite-maker", self._path, _make, read_each, PREPARE_SECONDS)
        try:
            await maker.do(lambda _: None)
        except StorageUnavailable as error:
            raise StorageUnavailable(f"{self._path}: {error}") from error
        finally:
            await maker.close()

    async def check(self) -> None:
        """Raise `StorageUnavailable` where nothing can be read, or no transaction begun."""
        await self.read(lambda _: None)
        await self.write(lambda _: None)

    async def close(self) -> None:
        """Close what is open, within seconds: a disk that hangs is left to itself."""
        await asyncio.gather(self._writer.close(), self._reader.close())


def _make(path: Path) -> Connection:
    schema.create(path)
    return schema.connect(path)


def _connect_to_read(path: Path) -> Connection:
    connection = schema.connect(path)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA busy_timeout = {round(schema.BUSY_SECONDS * 1_000)}")
    return connection


def write_together(connection: Connection, jobs: Sequence[Job]) -> None:
    """Run jobs in one transaction, each of which is undone alone where it fails. Raises where all are lost."""
    schema.begin(connection)
    try:
        for job in jobs:
            if job.is_given_up():
                continue
            connection.execute("SAVEPOINT job")
            job.run(connection)
            if job.error:
                if not connection.in_transaction:  # some errors, as of a full disk, may end it
                    raise job.error
                connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def read_each(connection: Connection, jobs: Sequence[Job]) -> None:
    """Run jobs one after the other."""
    for job in jobs:
        job.run(connection)
