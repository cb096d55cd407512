"""The events that wait, and who takes care of them.

All of it is decided in transactions that hold the file's one lock, so of several processes one is first.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection

from orderport import FARTHEST_LEASE, LEASE, MOST_CLAIMED_EVENTS, Claimed, Failure, Id, OrderEvent
from orderport_sqlite.database import Database
from orderport_sqlite.rows import EPOCH, EVENT, to_event, to_json, to_microseconds

FIRST_VERSION = "(SELECT min(version) FROM outbox WHERE outbox.order_id = waiting.order_id)"
NO_FAILURE = "failed_version = NULL, failed_reason = NULL, failed_at = NULL, failed_tries = NULL"


class SqliteOutbox:
    """The port `Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        return await self._database.write(_claim_due, who, now, most)

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        return await self._database.write(_claim, who, now, list(order_ids))

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        return await self._database.write(_mark, dict(delivered))

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        failure = Failure(event.version, reason, at, tries)
        return await self._database.write(_fail, who, event.order_id, failure)

    async def give_up(self, who: str, now: datetime) -> None:
        await self._database.write(_give_up, who, now)


def take_up_again(connection: Connection, order_id: Id, until: datetime) -> None:
    """Put what still waits of an order that was set aside, if anything does, under a lease of nobody."""
    connection.execute(
        f"""
        UPDATE waiting SET who = '', from_version = {FIRST_VERSION}, until = ?, {NO_FAILURE}
        WHERE order_id = ? AND failed_version IS NOT NULL
        """,
        (to_microseconds(until), order_id),
    )


def forget_finished(connection: Connection, order_ids: Collection[Id]) -> None:
    """Leave out of `waiting` those of which nothing waits any more."""
    connection.executemany(
        f"DELETE FROM waiting WHERE order_id = ? AND {FIRST_VERSION} IS NULL",
        [(order_id,) for order_id in order_ids],
    )


def _claim_due(connection: Connection, who: str, now: datetime, most: int) -> Sequence[Claimed]:
    ids: list[Id] = []
    # Each of the two is read off the index, oldest first, however many there are.
    for condition, bound in (("<=", now), (">", now + FARTHEST_LEASE)):
        due = connection.execute(
            f"SELECT order_id FROM waiting WHERE until {condition} ? ORDER BY until LIMIT ?",
            (to_microseconds(bound), most - len(ids)),
        )
        ids += [order_id for (order_id,) in due]
    return _lease(connection, ids, who, now)


def _claim(
    connection: Connection, who: str, now: datetime, order_ids: Collection[Id]
) -> Sequence[Claimed]:
    claimable = connection.execute(
        """
        SELECT order_id FROM waiting
        WHERE order_id IN (SELECT value FROM json_each(?)) AND (until <= ? OR until > ? OR who = ?)
        """,
        (to_json(order_ids), to_microseconds(now), to_microseconds(now + FARTHEST_LEASE), who),
    )
    return _lease(connection, [order_id for (order_id,) in claimable], who, now)


def _lease(
    connection: Connection, order_ids: Collection[Id], who: str, now: datetime
) -> Sequence[Claimed]:
    until = to_microseconds(now + LEASE)
    connection.executemany(
        f"UPDATE waiting SET who = ?, from_version = {FIRST_VERSION}, until = ? WHERE order_id = ?",
        [(who, until, order_id) for order_id in order_ids],
    )
    claimed = []
    for order_id in order_ids:
        oldest = connection.execute(
            f"SELECT {EVENT} FROM outbox WHERE order_id = ? ORDER BY version LIMIT ?",
            (order_id, MOST_CLAIMED_EVENTS),
        )
        claimed.append(Claimed(order_id, tuple(map(to_event, oldest))))
    return claimed


def _mark(connection: Connection, delivered: Mapping[Id, int]) -> set[Id]:
    connection.executemany(
        "DELETE FROM outbox WHERE order_id = ? AND version <= ?", delivered.items()
    )
    forget_finished(connection, delivered)
    unfinished = connection.execute(
        """
        SELECT order_id, failed_version FROM waiting
        WHERE order_id IN (SELECT value FROM json_each(?))
        """,
        (to_json(delivered),),
    ).fetchall()
    for order_id, failed_version in unfinished:
        if failed_version is not None and failed_version <= delivered[order_id]:
            take_up_again(connection, order_id, EPOCH)
    return {order_id for order_id, _ in unfinished}


def _fail(connection: Connection, who: str, order_id: Id, failure: Failure) -> bool:
    done = connection.execute(
        f"""
        UPDATE waiting SET who = NULL, from_version = NULL, until = NULL,
            failed_version = ?, failed_reason = ?, failed_at = ?, failed_tries = ?
        WHERE order_id = ? AND who = ? AND {FIRST_VERSION} = ?
        """,
        (
            failure.version,
            failure.reason,
            to_microseconds(failure.at),
            failure.tries,
            order_id,
            who,
            failure.version,
        ),
    )
    return done.rowcount == 1


def _give_up(connection: Connection, who: str, now: datetime) -> None:
    connection.execute(
        "UPDATE waiting SET until = ?1 WHERE who = ?2 AND until > ?1", (to_microseconds(now), who)
    )
