"""The servers that a run needs, each started once, when the first test asks for it."""

from collections.abc import Iterator

import pytest

from conformance.http.events import Events
from tests.harness import on_plugins, on_servers
from tests.harness.process import ServiceProcess, running
from tests.servers import (
    KafkaServer,
    MongoServer,
    RedisServer,
    describe,
    start_kafka,
    start_mongod,
    start_redis,
)

# So that an assert there tells as much as one in a test.
pytest.register_assert_rewrite("conformance.http.expect", "conformance.http.given")


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


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisServer) -> str:
    """Its address: the plug-ins' tests know nothing of this house but `orderport`."""
    return redis_server.url


@pytest.fixture(scope="session", params=["memory", "servers", "plugins"])
def service(request: pytest.FixtureRequest) -> Iterator[ServiceProcess]:
    """A service on empty storage of its own, once for each back end that it can run on."""
    if request.param == "memory":
        with running() as started:
            yield started
        return
    if request.param == "plugins":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("shop")
        redis = request.getfixturevalue("redis_server")
        with on_plugins.running_on(on_plugins.settings_for(folder, redis)) as started:
            yield started
        return
    mongo = request.getfixturevalue("mongo_server")
    kafka = request.getfixturevalue("kafka_server")
    with on_servers.running_on(on_servers.settings_for(mongo, kafka)) as started:
        yield started


@pytest.fixture(scope="session")
def url(service: ServiceProcess) -> str:
    """Where the checks of `conformance/` find a service."""
    return service.url


@pytest.fixture(scope="session")
def topic(service: ServiceProcess) -> Events:
    """Where they find its events: on its standard output, or on its topic."""
    return service.events
