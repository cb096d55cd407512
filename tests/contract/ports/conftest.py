"""Every adapter, opened when a test asks for it: what a suite here says of a port holds for each of them.

A store may hold what other tests left there, so a test makes ids and emails of its own and looks at nothing else.
"""

from collections.abc import AsyncIterator
from secrets import token_hex

import pytest

from adapters.outbound.memory import MemoryStorage
from adapters.outbound.mongo import MongoSettings
from core.ports.storage import Storage
from tests.contract.ports import kafka_topics, memory_topics
from tests.contract.ports.topic import Topic
from tests.servers import KafkaServer, MongoServer


@pytest.fixture(scope="module")
def memory_storage() -> Storage:
    return MemoryStorage()


@pytest.fixture(scope="module")
async def mongo_storage(mongo_server: MongoServer) -> AsyncIterator[Storage]:
    async with MongoSettings(mongo_server.uri, f"ports_{token_hex(4)}").open() as storage:
        await storage.prepare()
        yield storage


@pytest.fixture(scope="module", params=["memory", "mongo"])
def storage(request: pytest.FixtureRequest) -> Storage:
    storage: Storage = request.getfixturevalue(f"{request.param}_storage")
    return storage


@pytest.fixture(scope="session")
async def memory_topic() -> AsyncIterator[Topic]:
    async with memory_topics.open_topic() as topic:
        yield topic


@pytest.fixture(scope="session")
async def kafka_topic(kafka_server: KafkaServer) -> AsyncIterator[Topic]:
    async with kafka_topics.open_topic(kafka_server) as topic:
        yield topic


@pytest.fixture(scope="session", params=["memory", "kafka"])
def topic(request: pytest.FixtureRequest) -> Topic:
    topic: Topic = request.getfixturevalue(f"{request.param}_topic")
    return topic


@pytest.fixture
async def memory_topic_out_of_reach() -> AsyncIterator[Topic]:
    async with memory_topics.open_topic_that_nobody_reads() as topic:
        yield topic


@pytest.fixture
async def kafka_topic_out_of_reach() -> AsyncIterator[Topic]:
    async with kafka_topics.open_topic_without_broker() as topic:
        yield topic


@pytest.fixture(params=["memory", "kafka"])
def topic_out_of_reach(request: pytest.FixtureRequest) -> Topic:
    """A topic that takes no message now."""
    topic: Topic = request.getfixturevalue(f"{request.param}_topic_out_of_reach")
    return topic
