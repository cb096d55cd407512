"""The Kafka adapter; its topic is read with another library than the one that writes it."""

import asyncio
from collections.abc import Sequence
from secrets import token_hex

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka import Message as Record

from adapters.outbound.kafka import KafkaSettings
from orderport import Message
from orderport.testing import EventsKit
from orderport.testing.events.topic import Messages
from tests.servers import KafkaServer

TOPIC = f"ports-{token_hex(4)}"
NOWHERE = "127.0.0.1:1"
"""Nobody listens there."""


def settings_for(servers: str) -> KafkaSettings:
    return KafkaSettings.from_environment(
        {"ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": servers, "ORDERPORT_KAFKA_TOPIC": TOPIC}
    )


@pytest.fixture(scope="module")
def settings(kafka_server: KafkaServer) -> KafkaSettings:
    kafka_server.create_topic(TOPIC, 3)
    return settings_for(kafka_server.bootstrap_servers)


@pytest.fixture(scope="module")
def messages(kafka_server: KafkaServer) -> Messages:
    async def messages() -> Sequence[Message]:
        return await asyncio.to_thread(read, kafka_server)

    return messages


def read(server: KafkaServer) -> list[Message]:
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": token_hex(4)})
    try:
        partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
        missing = 0
        for number in partitions:
            first, end = consumer.get_watermark_offsets(TopicPartition(TOPIC, number), timeout=10)
            missing += end - first
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in partitions])
        found: list[Message] = []
        while len(found) < missing:
            found += map(parse, consumer.consume(missing - len(found), timeout=10))
        return found
    finally:
        consumer.close()


def parse(record: Record) -> Message:
    assert record.error() is None
    key, headers, value = record.key(), record.headers(), record.value()
    assert isinstance(headers, list)
    assert key is not None
    assert value is not None
    texts = tuple((name, text) for name, text in headers if isinstance(text, bytes))
    return Message(record.partition() or 0, record.offset() or 0, 0, key, texts, value)


class TestKafkaEvents(EventsKit):
    out_of_reach = settings_for(NOWHERE)
