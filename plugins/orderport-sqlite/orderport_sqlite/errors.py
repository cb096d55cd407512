"""What SQLite raises, in Orderport's words."""

import sqlite3

from orderport import StorageUnavailable

REASONS = {
    sqlite3.SQLITE_PERM: "the rights do not suffice",
    sqlite3.SQLITE_BUSY: "another process has kept the file locked for too long",
    sqlite3.SQLITE_LOCKED: "another process has kept the file locked for too long",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
    sqlite3.SQLITE_READONLY: "the file, or its folder, is read-only",
    sqlite3.SQLITE_IOERR: "the file cannot be read or written",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "the file, or its folder, cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "another process has kept the file locked for too long",
    sqlite3.SQLITE_AUTH: "the rights do not suffice",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database",
}


def primary_code(error: sqlite3.Error) -> int | None:
    """Give SQLite's result code without the extension that says more; None where Python itself complains."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def translated(error: Exception) -> Exception:
    """Turn what file, disk or another process are to blame for into `StorageUnavailable`; leave what is a bug."""
    if isinstance(error, sqlite3.Error):
        reason = REASONS.get(primary_code(error) or sqlite3.SQLITE_OK)
        return StorageUnavailable(reason) if reason else error
    if isinstance(error, OSError):
        return StorageUnavailable((error.strerror or "the file cannot be used").lower())
    return error
