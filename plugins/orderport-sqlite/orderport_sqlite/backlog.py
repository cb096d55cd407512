"""The orders as operators look at them.

Iterators read a page at a time: a reader that stays keeps the write-ahead log from being emptied.
"""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from sqlite3 import Connection

from orderport import Failure, Id, Lease, StoredOrder, WaitingOrder
from orderport_sqlite.database import Database
from orderport_sqlite.outbox import FIRST_VERSION, forget_finished, take_up_again
from orderport_sqlite.rows import ORDER, Row, to_event, to_json, to_microseconds, to_order, to_time

PAGE = 500
BEFORE_ALL_TIMES = -(2**63)

STORED = f"""
    SELECT {ORDER}, type, time, traceparent,
        (SELECT json_group_array(version) FROM outbox WHERE order_id = id),
        (SELECT json_group_array(version) FROM discarded WHERE order_id = id)
    FROM orders
"""
WAITING = f"""
    SELECT order_id, {FIRST_VERSION},
        (SELECT max(version) FROM outbox WHERE outbox.order_id = waiting.order_id),
        (SELECT count(*) FROM outbox WHERE outbox.order_id = waiting.order_id),
        (SELECT time FROM outbox WHERE outbox.order_id = waiting.order_id ORDER BY version LIMIT 1),
        who, until, failed_version, failed_reason, failed_at, failed_tries
    FROM waiting
"""


class SqliteBacklog:
    """The port `Backlog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self) -> AsyncIterator[WaitingOrder]:
        after = Id("")
        while page := await self._database.read(_waiting_after, after):
            for order in page:
                yield order
            after = page[-1].order_id

    async def failed(self) -> AsyncIterator[WaitingOrder]:
        after = BEFORE_ALL_TIMES, Id("")
        while page := await self._database.read(_failed_after, *after):
            for order in page:
                yield order
                if order.failure:  # as each has
                    after = to_microseconds(order.failure.at), order.order_id

    async def find(self, order_id: Id) -> WaitingOrder | None:
        return await self._database.read(_find, order_id)

    async def retry(self, order_ids: Collection[Id], now: datetime) -> set[Id]:
        return await self._database.write(_retry, list(order_ids), now)

    async def discard(self, order_id: Id, version: int, now: datetime) -> bool:
        return await self._database.write(_discard, order_id, version, now)

    async def orders(self) -> AsyncIterator[StoredOrder]:
        after = Id("")
        while page := await self._database.read(_stored_after, after):
            for order in page:
                yield order
            after = page[-1].latest.order_id

    async def changed_since(self, time: datetime) -> AsyncIterator[StoredOrder]:
        # Without an index on the time, which every write would pay for: all orders are looked at, briefly.
        after = Id("")
        while page := await self._database.read(_times_after, after):
            changed = [order_id for order_id, changed_at in page if changed_at >= time]
            for order in await self.get(changed):
                yield order
            after, _ = page[-1]

    async def get(self, order_ids: Collection[Id]) -> Sequence[StoredOrder]:
        return await self._database.read(_get, list(order_ids))


def _waiting_after(connection: Connection, after: Id) -> list[WaitingOrder]:
    rows = connection.execute(
        f"{WAITING} WHERE order_id > ? ORDER BY order_id LIMIT {PAGE}", (after,)
    )
    return list(map(_to_waiting_order, rows))


def _failed_after(connection: Connection, at: int, order_id: Id) -> list[WaitingOrder]:
    rows = connection.execute(
        f"""
        {WAITING} WHERE failed_at IS NOT NULL AND (failed_at, order_id) > (?, ?)
        ORDER BY failed_at, order_id LIMIT {PAGE}
        """,
        (at, order_id),
    )
    return list(map(_to_waiting_order, rows))


def _find(connection: Connection, order_id: Id) -> WaitingOrder | None:
    row = connection.execute(f"{WAITING} WHERE order_id = ?", (order_id,)).fetchone()
    return row and _to_waiting_order(row)


def _retry(connection: Connection, order_ids: Collection[Id], now: datetime) -> set[Id]:
    rows = connection.execute(
        """
        SELECT order_id FROM waiting
        WHERE failed_version IS NOT NULL AND order_id IN (SELECT value FROM json_each(?))
        """,
        (to_json(order_ids),),
    )
    failed = {order_id for (order_id,) in rows}
    for order_id in failed:
        take_up_again(connection, order_id, now)
    return failed


def _discard(connection: Connection, order_id: Id, version: int, now: datetime) -> bool:
    this = (order_id, version)
    found = connection.execute(
        f"SELECT {FIRST_VERSION} FROM waiting WHERE order_id = ? AND failed_version = ?", this
    ).fetchone()
    if found != (version,):
        return False
    connection.execute("DELETE FROM outbox WHERE order_id = ? AND version = ?", this)
    connection.execute("INSERT INTO discarded (order_id, version) VALUES (?, ?)", this)
    forget_finished(connection, [order_id])
    take_up_again(connection, order_id, now)
    return True


def _stored_after(connection: Connection, after: Id) -> list[StoredOrder]:
    rows = connection.execute(f"{STORED} WHERE id > ? ORDER BY id LIMIT {PAGE}", (after,))
    return list(map(_to_stored_order, rows))


def _times_after(connection: Connection, after: Id) -> list[tuple[Id, datetime]]:
    rows = connection.execute(
        f"SELECT id, time FROM orders WHERE id > ? ORDER BY id LIMIT {PAGE}", (after,)
    )
    return [(order_id, to_time(time)) for order_id, time in rows]


def _get(connection: Connection, order_ids: Collection[Id]) -> list[StoredOrder]:
    rows = connection.execute(
        f"{STORED} WHERE id IN (SELECT value FROM json_each(?))", (to_json(order_ids),)
    )
    return list(map(_to_stored_order, rows))


def _to_waiting_order(row: Row) -> WaitingOrder:
    order_id, first, last, count, since, who, until, version, reason, at, tries = row
    failure = None if version is None else Failure(version, reason, to_time(at), tries)
    lease = None if until is None else Lease(who, to_time(until))
    return WaitingOrder(order_id, first, last, count, to_time(since), failure, lease)


def _to_stored_order(row: Row) -> StoredOrder:
    *of_order, type_, time, traceparent, waiting, discarded = row
    order = to_order(tuple(of_order))
    # The bytes that are sent follow from the order, as `Order.to_json` promises.
    event = to_event((order.id, order.version, type_, time, traceparent, order.to_json()))
    return StoredOrder(event, _to_versions(waiting), _to_versions(discarded))


def _to_versions(text: str) -> tuple[int, ...]:
    return tuple(sorted(json.loads(text)))
