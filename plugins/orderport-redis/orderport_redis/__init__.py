"""Events of Orderport on a Redis stream."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from orderport import Environment, Feature, WrongSettings
from orderport_redis.log import RedisEventLog
from orderport_redis.publisher import RedisPublisher

__all__ = ["RedisEventLog", "RedisPublisher", "RedisSettings"]

URL = "ORDERPORT_REDIS_URL"
STREAM = "ORDERPORT_REDIS_STREAM"


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """The entry point `redis` of `orderport.events`; `seconds` is what one answer may take."""

    url: str = field(repr=False)  # there may be a password in it
    stream: str
    seconds: float = 3.8

    ports_version: ClassVar = 0
    features: ClassVar = frozenset({Feature.READABLE})

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        url = environment.get(URL, "redis://localhost:6379/0")
        settings = cls(url, environment.get(STREAM, "orders"))
        try:
            _check_path(url)
            pool = settings._make_pool()
            pool.connection_class(**pool.connection_kwargs)  # which options it has shows only now
        except (TypeError, ValueError) as error:
            # Not the error's own words, where a part of the password might stand.
            raise WrongSettings(
                [f"{URL}: is no Redis URL, as in redis://user:password@host:6379/0"]
            ) from error
        return settings

    @asynccontextmanager
    async def open(self) -> AsyncIterator[RedisPublisher]:
        client = Redis.from_pool(self._make_pool())
        publisher = RedisPublisher(client, self.stream, self.seconds)
        try:
            yield publisher
        finally:
            await publisher.close()

    @asynccontextmanager
    async def open_log(self) -> AsyncIterator[RedisEventLog]:
        client = Redis.from_pool(self._make_pool())
        try:
            yield RedisEventLog(client, self.stream, self.seconds)
        finally:
            await client.aclose()

    def _make_pool(self) -> ConnectionPool:
        options: dict[str, Any] = {
            **parse_url(self.url),
            # What follows is not for the URL to say.
            "decode_responses": False,
            "protocol": 2,
            "socket_connect_timeout": self.seconds,
            "socket_timeout": self.seconds,
            # A command that is repeated unseen would be an event that is repeated without a fault.
            "retry": Retry(NoBackoff(), 0),
            "retry_on_error": [],
        }
        return ConnectionPool(**options)


def _check_path(url: str) -> None:
    """Raise ValueError where the number of a database is none: redis-py would take the first one."""
    parts = urlsplit(url)
    if parts.scheme != "unix" and parts.path.strip("/"):
        int(parts.path.strip("/"))
