"""The servers that a run needs, each started once, when the first test asks for it."""

from collections.abc import Iterator

import pytest

from tests.servers import (
    KafkaServer,
    MongoServer,
    RedisServer,
    describe,
    start_kafka,
    start_mongod,
    start_redis,
)


def pytest_report_header() -> list[str]:
    return describe()


@pytest.fixture(scope="session")
def mongo_server() -> Iterator[MongoServer]:
    """A replica set of one. A test that stops or freezes it starts it again."""
    with start_mongod(replica_set=1) as server:
        yield server


@pytest.fixture(scope="session")
def standalone_mongo_server() -> Iterator[MongoServer]:
    """A standalone server."""
    with start_mongod(replica_set=0) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """A Kafka. A test that stops or freezes it starts it again."""
    with start_kafka() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that loses nothing. A test that stops or freezes it starts it again."""
    with start_redis() as server:
        yield server
