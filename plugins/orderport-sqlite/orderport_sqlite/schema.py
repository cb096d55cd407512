"""What lies in the file, and how it is opened.

Times are microseconds since 1970, ids are text as everywhere, so that the file can be read with any tool.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from random import uniform
from sqlite3 import Connection, Cursor

from orderport import StorageUnavailable
from orderport_sqlite.errors import primary_code

APPLICATION_ID = int.from_bytes(b"ordp")
SCHEMA = 1
"""The form of the tables below. Both are written into the file, so that nothing else is taken for it."""

BUSY_SECONDS = 4.0
"""How long a lock of another process is waited for."""

TABLES = (
    """
    CREATE TABLE users (
        id TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        password_hash TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE products (
        id TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        name TEXT NOT NULL,
        stock INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE orders (
        id TEXT NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL,
        type TEXT NOT NULL,           -- of the latest change, as are the two below: its event can be made again
        time INTEGER NOT NULL,
        traceparent TEXT,
        customer_id TEXT NOT NULL,
        price TEXT NOT NULL,          -- a number of SQLite's would round it
        status TEXT NOT NULL,
        items TEXT NOT NULL           -- JSON: [[product id, quantity], ...]
    ) STRICT
    """,
    """
    CREATE TABLE outbox (             -- the events that wait to be sent
        order_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        type TEXT NOT NULL,
        time INTEGER NOT NULL,
        traceparent TEXT,
        value BLOB NOT NULL,
        bytes INTEGER NOT NULL,       -- of the values from the first that waited to this one
        PRIMARY KEY (order_id, version)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE waiting (            -- the orders of which something waits
        order_id TEXT NOT NULL PRIMARY KEY,
        who TEXT,                     -- the lease, or
        from_version INTEGER,
        until INTEGER,
        failed_version INTEGER,       -- why it is set aside
        failed_reason TEXT,
        failed_at INTEGER,
        failed_tries INTEGER,
        CHECK ((until IS NULL) = (who IS NULL) AND (until IS NULL) = (from_version IS NULL)),
        CHECK ((until IS NULL) = (failed_at IS NOT NULL))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX waiting_until ON waiting (until) WHERE until IS NOT NULL",
    "CREATE INDEX waiting_failed ON waiting (failed_at, order_id) WHERE failed_at IS NOT NULL",
    """
    CREATE TABLE discarded (          -- the events that an operator took out
        order_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (order_id, version)
    ) STRICT, WITHOUT ROWID
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA}",
)


def create(path: Path) -> None:
    """Make the file, or see that it is one of ours. Raises `StorageUnavailable`, sqlite3.Error, OSError."""
    with suppress(
        FileExistsError
    ):  # for its owner alone: there will be addresses and hashes of passwords
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(_open(path)) as connection:
        if not _is_ours(connection):
            _keep_log(connection)
            begin(connection)
            if not _is_ours(connection):  # another process may have come first
                for statement in TABLES:
                    connection.execute(statement)
            connection.execute("COMMIT")


def connect(path: Path) -> Connection:
    """Open a file that is there. Raises `StorageUnavailable`, sqlite3.Error."""
    connection = _open(path)
    try:
        if not _is_ours(connection):
            raise StorageUnavailable("the file is empty")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS keeps data in the disk's own cache else
        # What a process that was killed has written may be there to be read, and not on the disk yet.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except BaseException:
        connection.close()
        raise
    return connection


def begin(connection: Connection) -> None:
    """Begin a transaction that may write, as soon as no other process is in the middle of one."""
    _patiently(connection, "BEGIN IMMEDIATE")


def _patiently(connection: Connection, statement: str) -> Cursor:
    """Try until no other process is in the way.

    SQLite's own waiting asks ten times a second, and may never meet the moment between two transactions of a busy
    process; and some statements it does not let wait at all.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return connection.execute(statement)
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(uniform(0.0005, 0.002))  # noqa: S311 - so that two do not keep step


def _open(path: Path) -> Connection:
    # `rw` makes no file: one that has been removed must not come back empty.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        timeout=0,
    )


def _is_ours(connection: Connection) -> bool:
    """Tell a file of ours from an empty one. Raises `StorageUnavailable` for any other."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, schema) == (APPLICATION_ID, SCHEMA):
        return True
    if application == APPLICATION_ID:
        raise StorageUnavailable(
            f"the file is of another version of orderport-sqlite: it has schema {schema}, and this one knows {SCHEMA}"
        )
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application or schema or tables:
        raise StorageUnavailable("the file is another application's database")
    return False


def _keep_log(connection: Connection) -> None:
    """Have changes written to a log beside the file: readers and the writer do not wait for one another."""
    (mode,) = _patiently(connection, "PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageUnavailable("the file's folder cannot hold a write-ahead log")
