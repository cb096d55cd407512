"""What reading the topic back promises beyond its port: it ends, whatever happens to broker and topic meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from adapters.outbound.kafka.log import KafkaEventLog
from core.domain.errors import EventsUnavailable
from core.ports.events import Message
from tests.servers import KafkaServer

MESSAGES = 300
SECONDS = 2.0
SLACK_SECONDS = 3.0


@pytest.fixture
def topic(kafka_server: KafkaServer) -> str:
    """A topic with far more on it than is fetched ahead."""
    name = f"orders-{token_hex(4)}"
    kafka_server.create_topic(name)
    producer = Producer({"bootstrap.servers": kafka_server.bootstrap_servers})
    for _ in range(MESSAGES):
        producer.produce(name, token_hex(10_000))
    assert producer.flush(20) == 0
    return name


@asynccontextmanager
async def opened(server: KafkaServer, topic: str) -> AsyncIterator[KafkaEventLog]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=server.bootstrap_servers,
        group_id=None,
        auto_offset_reset="earliest",
        request_timeout_ms=round(SECONDS * 1_000),
    )
    log = KafkaEventLog(topic, consumer, SECONDS)
    try:
        await log.start()
        yield log
    finally:
        await log.stop()


async def test_all_is_read_up_to_the_ends_and_no_further(
    kafka_server: KafkaServer, topic: str
) -> None:
    async with opened(kafka_server, topic) as log:
        assert await log.ends() == {0: MESSAGES}
        read = [message async for messages in log.read({0: 250}) for message in messages]
    assert [message.offset for message in read] == list(range(250))


async def test_reading_goes_on_where_messages_were_removed_meanwhile(
    kafka_server: KafkaServer, topic: str
) -> None:
    if kafka_server.kind == "mock":
        pytest.skip("this Kafka removes nothing")
    read: list[Message] = []
    async with opened(kafka_server, topic) as log, asyncio.timeout(30):
        async for messages in log.read(await log.ends()):
            if not read:
                admin = AdminClient({"bootstrap.servers": kafka_server.bootstrap_servers})
                (removed,) = admin.delete_records([TopicPartition(topic, 0, MESSAGES)]).values()
                await asyncio.to_thread(removed.result)
            read += messages
    assert 0 < len(read) < MESSAGES


async def test_a_broker_that_falls_silent_is_told_in_time(
    kafka_server: KafkaServer, topic: str
) -> None:
    async with opened(kafka_server, topic) as log:
        batches = log.read(await log.ends())
        await anext(batches)
        kafka_server.pause()
        began = time.monotonic()
        try:
            with pytest.raises(EventsUnavailable):
                async for _ in batches:
                    pass
        finally:
            kafka_server.resume()
        assert time.monotonic() - began < SECONDS + SLACK_SECONDS
