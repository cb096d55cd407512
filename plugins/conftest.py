"""What the tests of the plug-ins are lent; they themselves know nothing of this house but `orderport`."""

from collections.abc import Iterator

import pytest

from tests.servers import RedisServer, start_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that loses nothing. A test that stops or freezes it starts it again."""
    with start_redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisServer) -> str:
    """Its address."""
    return redis_server.url
