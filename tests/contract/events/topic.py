"""A topic as its consumers find it, read by another library than the one that writes it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from conformance.http.events import Event
from conformance.http.exact_json import from_json

SECONDS = 20.0
"""How long messages may take to come."""

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Received:
    """One message, to the byte."""

    topic: str
    key: bytes
    headers: Headers
    value: bytes

    @property
    def event(self) -> Event:
        """The message decoded; fails where a header is repeated."""
        headers = {name: value.decode() for name, value in self.headers}
        assert len(headers) == len(self.headers), self.headers
        return Event(self.topic, self.key.decode(), headers, from_json(self.value))


def read(servers: str, topic: str, count: int) -> Sequence[Received]:
    """Wait for so many messages, and give all that the topic holds: each partition's in its order."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": token_hex(4), "log_level": 0})
    try:
        numbers = consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions
        partitions = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers]
        consumer.assign(partitions)
        received = _poll(consumer, count)
        return received + _poll(consumer, _held(consumer, partitions) - len(received))
    finally:
        consumer.close()


def _poll(consumer: Consumer, count: int) -> list[Received]:
    received: list[Received] = []
    deadline = time.monotonic() + SECONDS
    while len(received) < count:
        assert time.monotonic() < deadline, f"{len(received)} of {count} messages came"
        message = consumer.poll(1)
        if message:
            received.append(_received(message))
    return received


def _held(consumer: Consumer, partitions: Sequence[TopicPartition]) -> int:
    ends = [consumer.get_watermark_offsets(partition, SECONDS) for partition in partitions]
    return sum(high - low for low, high in ends)


def _received(message: Message) -> Received:
    if error := message.error():
        raise KafkaException(error)
    headers = cast(Headers, message.headers() or [])
    return Received(message.topic() or "", message.key() or b"", headers, message.value() or b"")
