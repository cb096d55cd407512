"""A Kafka for tests: the one that is given, Apache Kafka, or else librdkafka's mock cluster."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Client
from pathlib import Path

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.servers import apache_kafka
from tests.servers.ports import free_ports, listens
from tests.servers.process import Server, ServerFailed, ServerProcess, shelter, wait_until

GIVEN = "ORDERPORT_TEST_KAFKA"
DEMANDED = "ORDERPORT_TEST_DEMAND_KAFKA"
MOCK = Path(__file__).with_name("mock_kafka.py")


@dataclass
class KafkaServer(Server[ServerProcess]):
    """A Kafka of `kind` "given", "apache" or "mock"."""

    bootstrap_servers: str

    def create_topic(
        self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None
    ) -> None:
        """Create a topic, and return when each of its partitions has its leader. Raises `KafkaException`."""
        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        topic = NewTopic(name, partitions, config=dict(configs or {}))
        client.create_topics([topic])[name].result()

        def has_leaders() -> bool:
            known = client.list_topics(name, timeout=5).topics[name].partitions
            return len(known) == partitions and all(part.leader >= 0 for part in known.values())

        if not wait_until(has_leaders, 30):
            raise ServerFailed(f"the topic {name} has no leaders")


@dataclass
class MockKafka(ServerProcess):
    """The process of a mock cluster, which can be paused; started again it would be another cluster."""

    port: int

    def ask(self, request: object) -> object:
        """Have the process do what it can beside the protocol; see its own docstring."""
        with Client(("127.0.0.1", self.port)) as connection:
            connection.send(request)
            return connection.recv()

    def is_ready(self) -> bool:
        """Tell whether it can be asked."""
        return listens(self.port)

    def launch(self) -> None:
        if self.process and not self.running:
            raise ServerFailed("the mock cluster keeps neither its data nor its port")
        super().launch()


@dataclass
class MockKafkaServer(KafkaServer):
    """A mock cluster: topics without configuration, data without a disk."""

    mock: MockKafka

    def create_topic(
        self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None
    ) -> None:
        if configs:
            raise ServerFailed("the mock cluster has no configuration of topics")
        if self.mock.ask((name, partitions)):
            raise ServerFailed(f"the mock cluster has a topic {name} already")


@contextmanager
def start_kafka() -> Iterator[KafkaServer]:
    """Run a Kafka; its data goes with it. On one that is given, use topics of names of your own."""
    given = os.environ.get(GIVEN)
    if given:
        yield KafkaServer("given", (), given)
        return
    try:
        java = apache_kafka.install()
    except apache_kafka.NoApacheKafka as error:
        if os.environ.get(DEMANDED):
            raise
        print(f"Kafka: a mock cluster, because {error}", file=sys.stderr)
        with _start_mock() as server:
            yield server
        return
    with shelter() as place:
        kafka = apache_kafka.format_kafka(java, place)
        kafka.start()
        yield KafkaServer("apache", (kafka,), kafka.bootstrap_servers)


def describe() -> str:
    """Tell in one line which Kafka the tests take."""
    if os.environ.get(GIVEN):
        return f"Kafka: given by {GIVEN}"
    reason = apache_kafka.why_not()
    if reason:
        return f"Kafka: librdkafka's mock cluster; no Apache Kafka, because {reason}"
    return f"Kafka: Apache Kafka {apache_kafka.version()}"


@contextmanager
def _start_mock() -> Iterator[MockKafkaServer]:
    with shelter() as place:
        (port,) = free_ports(1)
        mock = MockKafka("mock-kafka", [sys.executable, "-P", MOCK, str(port)], place, port)
        mock.start()
        yield MockKafkaServer("mock", (mock,), str(mock.ask(None)), mock)
