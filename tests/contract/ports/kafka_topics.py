"""The Kafka adapter's topic, read with another library than the one that writes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from confluent_kafka import Consumer, Message, TopicPartition

from adapters.outbound.kafka import KafkaSettings
from tests.contract.ports.topic import Sent, Topic
from tests.servers import KafkaServer

NOWHERE = "127.0.0.1:1"
"""Nobody listens there."""


@asynccontextmanager
async def open_topic(server: KafkaServer) -> AsyncIterator[Topic]:
    name = f"ports-{token_hex(4)}"
    server.create_topic(name, 3)

    async def messages() -> list[Sent]:
        return await asyncio.to_thread(_read, server, name)

    async with _settings(server.bootstrap_servers, name).open() as publisher:
        yield Topic(publisher, messages)


@asynccontextmanager
async def open_topic_without_broker() -> AsyncIterator[Topic]:
    async def messages() -> list[Sent]:
        return []

    async with _settings(NOWHERE, "orders").open() as publisher:
        yield Topic(publisher, messages)


def _settings(servers: str, topic: str) -> KafkaSettings:
    return KafkaSettings.from_environment(
        {"ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": servers, "ORDERPORT_KAFKA_TOPIC": topic}
    )


def _read(server: KafkaServer, topic: str) -> list[Sent]:
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": token_hex(4)})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        missing = 0
        for number in partitions:
            first, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            missing += end - first
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        sent: list[Sent] = []
        while len(sent) < missing:
            sent += map(_parse, consumer.consume(missing - len(sent), timeout=10))
        return sent
    finally:
        consumer.close()


def _parse(message: Message) -> Sent:
    assert message.error() is None
    key, headers, value = message.key(), message.headers(), message.value()
    assert isinstance(headers, list)
    assert key is not None
    assert value is not None
    texts = [(name, text.decode()) for name, text in headers if isinstance(text, bytes)]
    return Sent(key.decode(), texts, value)
