"""The service on a real MongoDB and a real Kafka, and whoever reads its topic."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex
from typing import cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from tests.harness.events import EventLines
from tests.harness.process import ServiceProcess, running
from tests.servers import KafkaServer, MongoServer

PARTITIONS = 3

Headers = list[tuple[str, bytes]]


def settings_for(mongo: MongoServer, kafka: KafkaServer) -> dict[str, str]:
    """Give settings with a database and a topic of their own; the topic is there."""
    topic = f"orders-{token_hex(4)}"
    kafka.create_topic(topic, PARTITIONS)
    return {
        "ORDERPORT_STORAGE": "mongo",
        "ORDERPORT_MONGO_URI": mongo.uri,
        "ORDERPORT_MONGO_DATABASE": f"test_{token_hex(4)}",
        "ORDERPORT_EVENTS": "kafka",
        "ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "ORDERPORT_KAFKA_TOPIC": topic,
    }


@contextmanager
def running_on(settings: Mapping[str, str]) -> Iterator[ServiceProcess]:
    """Run a service with these settings; its events are read from the topic while it runs."""
    with (
        running(settings, stdout=subprocess.DEVNULL) as service,
        reading(settings, service.events),
    ):
        yield service


@contextmanager
def reading(settings: Mapping[str, str], events: EventLines) -> Iterator[None]:
    """Gather the topic's messages in a thread of its own, from the beginning."""
    ended = threading.Event()
    messages = _messages(
        settings["ORDERPORT_KAFKA_BOOTSTRAP_SERVERS"], settings["ORDERPORT_KAFKA_TOPIC"], ended
    )
    thread = threading.Thread(target=events.gather, args=[messages])
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _messages(servers: str, topic: str, ended: threading.Event) -> Iterator[bytes]:
    consumer = Consumer({"bootstrap.servers": servers, "group.id": token_hex(4), "log_level": 0})
    try:
        consumer.assign(
            [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)]
        )
        while not ended.is_set():
            message = consumer.poll(0.1)
            if message and not message.error():
                yield _line(message)
    finally:
        consumer.close()


def _line(message: Message) -> bytes:
    """Give a message in the form that the in-memory adapter prints, its value untouched."""
    key = (message.key() or b"").decode()
    headers = {name: value.decode() for name, value in cast(Headers, message.headers() or [])}
    around = json.dumps({"topic": message.topic(), "key": key, "headers": headers}).encode()
    return around[:-1] + b', "value": ' + (message.value() or b"null") + b"}"
