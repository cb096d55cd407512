"""Users in SQLite."""

from dataclasses import replace
from sqlite3 import Connection

from orderport import EmailTaken, Id, NotFound, User, VersionConflict, email_key
from orderport_sqlite.database import Database

COLUMNS = "id, name, email, password_hash, version"


class SqliteUsers:
    """The port `Users`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> None:
        await self._database.write(_add, user)

    async def get(self, user_id: Id) -> User | None:
        return await self._database.read(_get, user_id)

    async def find(self, email: str) -> User | None:
        return await self._database.read(_find, email)

    async def exists(self, user_id: Id) -> bool:
        return await self._database.read(_get, user_id) is not None

    async def replace(self, user: User) -> User:
        return await self._database.write(_replace, user)

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        await self._database.write(_rehash, user_id, verified, password_hash)


def _add(connection: Connection, user: User) -> None:
    _check_email(connection, user)
    connection.execute(
        f"INSERT INTO users ({COLUMNS}, email_key) VALUES (?, ?, ?, ?, ?, ?)",
        (
            user.id,
            user.name,
            user.email,
            user.password_hash,
            user.version,
            email_key(user.email),
        ),
    )


def _get(connection: Connection, user_id: Id) -> User | None:
    row = connection.execute(f"SELECT {COLUMNS} FROM users WHERE id = ?", (user_id,)).fetchone()
    return row and User(*row)


def _find(connection: Connection, email: str) -> User | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM users WHERE email_key = ?", (email_key(email),)
    ).fetchone()
    return row and User(*row)


def _replace(connection: Connection, user: User) -> User:
    stored = _get(connection, user.id)
    if stored is None:
        raise NotFound("user")
    if stored.version != user.version:
        raise VersionConflict
    _check_email(connection, user)
    replaced = replace(user, version=user.version + 1)
    connection.execute(
        """
        UPDATE users SET name = ?, email = ?, email_key = ?, password_hash = ?, version = ?
        WHERE id = ?
        """,
        (
            replaced.name,
            replaced.email,
            email_key(replaced.email),
            replaced.password_hash,
            replaced.version,
            replaced.id,
        ),
    )
    return replaced


def _rehash(connection: Connection, user_id: Id, verified: str, password_hash: str) -> None:
    connection.execute(
        "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
        (password_hash, user_id, verified),
    )


def _check_email(connection: Connection, user: User) -> None:
    """Raise `EmailTaken` where another user has it: in a transaction that holds the lock nobody can come between."""
    taken = connection.execute(
        "SELECT 1 FROM users WHERE email_key = ? AND id <> ?", (email_key(user.email), user.id)
    ).fetchone()
    if taken:
        raise EmailTaken
