"""Products in SQLite."""

from collections.abc import Collection
from sqlite3 import Connection

from orderport import Id, Product
from orderport_sqlite.database import Database
from orderport_sqlite.rows import to_json

COLUMNS = "id, name, stock, version"


class SqliteProducts:
    """The port `Products`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, product: Product) -> None:
        await self._database.write(_add, product)

    async def get(self, product_id: Id) -> Product | None:
        return await self._database.read(_get, product_id)

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        return set(product_ids) - await self._database.read(_known, list(product_ids))

    async def replace(self, product: Product) -> Product | None:
        return await self._database.write(_replace, product)


def _add(connection: Connection, product: Product) -> None:
    connection.execute(
        f"INSERT INTO products ({COLUMNS}) VALUES (?, ?, ?, ?)",
        (product.id, product.name, product.stock, product.version),
    )


def _get(connection: Connection, product_id: Id) -> Product | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM products WHERE id = ?", (product_id,)
    ).fetchone()
    return row and Product(*row)


def _known(connection: Connection, product_ids: Collection[Id]) -> set[Id]:
    rows = connection.execute(
        "SELECT id FROM products WHERE id IN (SELECT value FROM json_each(?))",
        (to_json(product_ids),),
    )
    return {product_id for (product_id,) in rows}


def _replace(connection: Connection, product: Product) -> Product | None:
    row = connection.execute(
        f"""
        UPDATE products SET name = ?, stock = ?, version = version + 1 WHERE id = ?
        RETURNING {COLUMNS}
        """,
        (product.name, product.stock, product.id),
    ).fetchone()
    return row and Product(*row)
