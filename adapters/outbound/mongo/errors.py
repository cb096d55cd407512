"""What the driver raises, in the core's words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from core.domain.errors import StorageUnavailable

NOT_ACKNOWLEDGED = "a write was not acknowledged by the majority"
REASONS: Sequence[tuple[type[PyMongoError], str]] = (
    (ServerSelectionTimeoutError, "no server that takes writes can be reached"),
    (NetworkTimeout, "no answer in time"),
    (ExecutionTimeout, "no answer in time"),
    (ConnectionFailure, "the connection was lost"),
    (WriteConcernError, NOT_ACKNOWLEDGED),
)
# That a server stops or takes no writes any more: the driver tells of it by a ConnectionFailure, but not where it
# concerns one write among many.
INTERRUPTIONS = (91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436)
REASONS_BY_CODE: Mapping[int | None, str] = {
    13: "the rights do not suffice",
    18: "the server refuses the credentials",
    14_031: "the disk is full",
    **dict.fromkeys(INTERRUPTIONS, "the server takes no writes"),
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error that leaves the outcome open into `StorageUnavailable`; others are bugs and pass."""
    try:
        yield
    except PyMongoError as error:
        reason = reason_of(error)
        if reason is None:
            raise
        raise StorageUnavailable(reason) from error


def reason_of(error: PyMongoError) -> str | None:
    """Tell why the outcome is open, or give None where it is not."""
    for kind, reason in REASONS:
        if isinstance(error, kind):
            return reason
    if isinstance(error, BulkWriteError) and error.details["writeConcernErrors"]:
        return NOT_ACKNOWLEDGED
    return REASONS_BY_CODE.get(error.code) if isinstance(error, OperationFailure) else None


def unknown_outcome() -> StorageUnavailable:
    """Give the error for an id that is stored already.

    Ids are made anew for each write, so it was this write, sent twice by the driver: it is there now, but whether it
    lasts is not known.
    """
    return StorageUnavailable("the outcome of a write is not known")
