"""The service on a real MongoDB and a real Kafka, and whoever reads its topic."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex

from conformance.http.topic import reading
from tests.harness.process import ServiceProcess, running
from tests.servers import KafkaServer, MongoServer

PARTITIONS = 3


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
    servers, topic = (
        settings[f"ORDERPORT_KAFKA_{name}"] for name in ("BOOTSTRAP_SERVERS", "TOPIC")
    )
    with (
        running(settings, stdout=subprocess.DEVNULL) as service,
        reading(servers, topic, from_the_beginning=True) as events,
    ):
        yield replace(service, events=events)
