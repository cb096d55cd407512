"""What the driver raises, in the core's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from core.domain.errors import StorageUnavailable

OUT_OF_DISK_SPACE = 14_031
REFUSALS = {13: "the rights do not suffice", 18: "the server refuses the credentials"}


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error that leaves the outcome open into `StorageUnavailable`; others are bugs and pass."""
    try:
        yield
    except ServerSelectionTimeoutError as error:
        raise StorageUnavailable("no server that takes writes can be reached") from error
    except (NetworkTimeout, ExecutionTimeout) as error:
        raise StorageUnavailable("no answer in time") from error
    except ConnectionFailure as error:
        raise StorageUnavailable("the connection was lost") from error
    except WriteConcernError as error:
        raise StorageUnavailable("a write was not acknowledged by the majority") from error
    except BulkWriteError as error:
        if error.details.get("writeConcernErrors") and not error.details.get("writeErrors"):
            raise StorageUnavailable("a write was not acknowledged by the majority") from error
        raise
    except OperationFailure as error:
        if error.code == OUT_OF_DISK_SPACE:
            raise StorageUnavailable("the disk is full") from error
        if error.code in REFUSALS:
            raise StorageUnavailable(REFUSALS[error.code]) from error
        raise
