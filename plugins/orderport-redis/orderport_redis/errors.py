"""What redis-py raises, in words for operators: no host names, nothing of the driver's."""

from redis import exceptions as redis

NO_ANSWER = "the server does not answer in time"
UNREACHABLE = "the server cannot be reached"

KINDS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError, redis.TimeoutError), NO_ANSWER),
    ((redis.BusyLoadingError,), "the server is still reading what it keeps"),
    ((redis.AuthenticationError,), "the server refuses the credentials"),
    ((redis.NoPermissionError,), "no right to use stream {stream}"),
    ((redis.ReadOnlyError, redis.MasterDownError), "the server is a replica, and takes no writes"),
    ((redis.OutOfMemoryError,), "the server has no memory left"),
    ((redis.MovedError, redis.AskError), "stream {stream} is on another node of a cluster"),
    ((redis.ClusterDownError, redis.TryAgainError), "the cluster is not ready"),
)
CODES = {
    "MISCONF": "the server cannot write to its disk",
    "NOREPLICAS": "too few replicas are connected",
    "WRONGTYPE": "{stream} is no stream",
}
"""Errors that redis-py has no class for, by the first word of their text."""


def describe(error: Exception, stream: str) -> str:
    """Say what is wrong."""
    for kinds, reason in KINDS:
        if isinstance(error, kinds):
            return reason.format(stream=stream)
    code = str(error).partition(" ")[0]
    if isinstance(error, redis.ResponseError):
        return CODES.get(code, "the server refuses: {code}").format(stream=stream, code=code)
    return UNREACHABLE
