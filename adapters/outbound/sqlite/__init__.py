"""Rows in order, by SQLite, in a temporary file that nobody else sees and that goes with the process."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from core.ports.sorting import Row

CACHE_KIBIBYTES = 32_768


class SqliteSorter:
    """The port `Sorter`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, rows: Iterable[Row]) -> None:
        self._connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)

    def in_order(self) -> Iterator[Row]:
        return iter(self._connection.execute("SELECT * FROM rows ORDER BY a, b, c"))


@contextmanager
def open_sorter() -> Iterator[SqliteSorter]:
    """Open a sorter and remove all that it wrote on leaving."""
    # An empty name is a database that SQLite keeps in a file without one, where TMPDIR says.
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        connection.execute("PRAGMA temp_store = FILE")
        connection.execute("CREATE TABLE rows (a TEXT, b INTEGER, c INTEGER, d BLOB)")
        connection.execute("BEGIN")
        yield SqliteSorter(connection)
