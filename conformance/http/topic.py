"""The events of a service on Kafka, read from a topic by a library that is not the one that writes it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex
from types import MappingProxyType
from typing import TypeAlias, cast

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from conformance.http.events import Event, GatheredEvents
from conformance.http.exact_json import from_json

SECONDS = 10.0
"""How long the brokers may take to tell about a topic."""

Headers: TypeAlias = list[tuple[str, bytes]]


class TopicUnreadable(Exception):
    """The topic cannot be read; the message says why, for people."""


@contextmanager
def reading(
    servers: str,
    topic: str,
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    from_the_beginning: bool = False,
) -> Iterator[GatheredEvents]:
    """Gather what comes to a topic, from now on unless told otherwise, in a thread of its own.

    `settings` are librdkafka's, as for TLS and SASL. Raises `TopicUnreadable`.
    """
    events, ended = GatheredEvents(), threading.Event()
    try:
        consumer = _begin(
            servers, topic, settings, OFFSET_BEGINNING if from_the_beginning else None
        )
    except KafkaException as error:
        raise TopicUnreadable(
            f"the topic {topic} at {servers} cannot be read: {_reason(error)}"
        ) from None
    thread = threading.Thread(target=_gather, args=[consumer, events, ended])
    thread.start()
    try:
        yield events
    finally:
        ended.set()
        thread.join()


def _begin(servers: str, topic: str, settings: Mapping[str, str], offset: int | None) -> Consumer:
    own = {"bootstrap.servers": servers, "group.id": f"orderport-contract-{token_hex(4)}"}
    consumer = Consumer({"log_level": 0, **settings, **own, "enable.auto.commit": False})
    found = consumer.list_topics(topic, timeout=SECONDS).topics[topic]
    if found.error:
        raise KafkaException(found.error)
    partitions = [TopicPartition(topic, number) for number in found.partitions]
    for partition in partitions:  # asked now, not at the first poll: then it would be too late
        end = consumer.get_watermark_offsets(partition, timeout=SECONDS)[1]
        partition.offset = end if offset is None else offset
    consumer.assign(partitions)
    return consumer


def _gather(consumer: Consumer, events: GatheredEvents, ended: threading.Event) -> None:
    try:
        while not ended.is_set():
            message = consumer.poll(0.1)
            if message is None:
                continue
            if error := message.error():
                if error.fatal():
                    events.refuse(error.str())
            else:
                _take(message, events)
    finally:
        consumer.close()


def _take(message: Message, events: GatheredEvents) -> None:
    sent = cast(Headers, message.headers() or [])
    try:
        headers = {name: value.decode() for name, value in sent}
        key, value = (message.key() or b"").decode(), from_json(message.value() or b"")
    except ValueError:
        events.refuse((message.key(), sent, message.value()))
        return
    if len(headers) < len(sent):
        events.refuse(f"a header is repeated: {sent}")
    else:
        events.add(Event(message.topic() or "", key, headers, value))


def _reason(error: KafkaException) -> str:
    kafka_error = error.args[0]
    return kafka_error.str() if isinstance(kafka_error, KafkaError) else str(kafka_error)
