"""Orders in SQLite: each change is written in one transaction with its event."""

from sqlite3 import Connection

from orderport import (
    LEASE,
    MOST_WAITING_BYTES,
    Change,
    Id,
    Order,
    OrderEvent,
    Overloaded,
    Written,
)
from orderport_sqlite.database import Database
from orderport_sqlite.rows import EVENT, ORDER, from_event, from_items, to_microseconds, to_order


class SqliteOrders:
    """The port `Orders`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, order: Order, change: Change, who: str) -> None:
        await self._database.write(_add, order, change, who)

    async def get(self, order_id: Id) -> Order | None:
        return await self._database.read(_get, order_id)

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        return await self._database.write(_replace, order, change, who)


def _add(connection: Connection, order: Order, change: Change, who: str) -> None:
    connection.execute(
        f"INSERT INTO orders ({ORDER}, type, time, traceparent) VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)",
        (
            order.id,
            order.customer_id,
            str(order.price),
            from_items(order.items),
            order.status,
            change.type,
            to_microseconds(change.time),
            change.traceparent,
        ),
    )
    event = OrderEvent(order.id, 1, change)
    _append(connection, event, 0)
    _take_lease(connection, event, who)


def _get(connection: Connection, order_id: Id) -> Order | None:
    row = connection.execute(f"SELECT {ORDER} FROM orders WHERE id = ?", (order_id,)).fetchone()
    return row and to_order(row)


def _replace(connection: Connection, order: Order, change: Change, who: str) -> Written | None:
    stored = connection.execute(
        """
        SELECT version, who, from_version,
            (SELECT bytes - length(value) FROM outbox WHERE order_id = id ORDER BY version LIMIT 1),
            (SELECT bytes FROM outbox WHERE order_id = id ORDER BY version DESC LIMIT 1)
        FROM orders LEFT JOIN waiting ON order_id = id
        WHERE id = ?
        """,
        (order.id,),
    ).fetchone()
    if stored is None:
        return None
    version, holder, leased_from, left, added = stored
    something_waits = added is not None
    if something_waits and added - left >= MOST_WAITING_BYTES:
        raise Overloaded("this order")
    event = OrderEvent(order.id, version + 1, change)
    _update(connection, order, event)
    _append(connection, event, added or 0)
    if not something_waits:
        _take_lease(connection, event, who)
        return Written(event.version, event.version)
    return Written(event.version, leased_from if holder == who else None)


def _update(connection: Connection, order: Order, event: OrderEvent) -> None:
    connection.execute(
        """
        UPDATE orders SET customer_id = ?, price = ?, items = ?, status = ?,
            version = ?, type = ?, time = ?, traceparent = ?
        WHERE id = ?
        """,
        (
            order.customer_id,
            str(order.price),
            from_items(order.items),
            order.status,
            event.version,
            event.change.type,
            to_microseconds(event.change.time),
            event.change.traceparent,
            order.id,
        ),
    )


def _append(connection: Connection, event: OrderEvent, bytes_before: int) -> None:
    """Let an event wait; with the count that it carries nobody has to add up all that waits."""
    total = bytes_before + len(event.change.value)
    connection.execute(
        f"INSERT INTO outbox ({EVENT}, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*from_event(event), total),
    )


def _take_lease(connection: Connection, event: OrderEvent, who: str) -> None:
    connection.execute(
        "INSERT INTO waiting (order_id, who, from_version, until) VALUES (?, ?, ?, ?)",
        (event.order_id, who, event.version, to_microseconds(event.change.time + LEASE)),
    )
