"""Those that are measured: the service and its peers, each with a database and a topic of its own."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex
from typing import Any

from bson import ObjectId
from confluent_kafka import Consumer, TopicPartition
from pymongo import MongoClient

from tests.harness.process import environment, free_port
from tests.servers import KafkaServer, MongoServer
from tests.servers.process import ServerProcess, shelter, wait_until

BIN = Path(sys.executable).parent
REPOSITORY = Path(__file__).parents[1]
PARTITIONS = 3
EVENTS_SECONDS = 60.0

COMMANDS: Mapping[str, Sequence[str]] = {
    "orderport": ["-m", "bootstrap", "serve"],
    "usual": ["-m", "uvicorn", "benchmarks.peers.usual.app:app"],
    "limit": ["-m", "uvicorn", "benchmarks.peers.limit.app:app"],
}
UVICORN = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]

Answer = tuple[int, Any]


@dataclass
class Contender(ServerProcess):
    """One of them, as a process."""

    port: int
    database: str
    topic: str
    mongo: MongoServer
    kafka: KafkaServer
    expected_events: int = 0
    known: dict[str, list[str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return self.ask("GET", "/health/live")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Give the status and the data of an answer."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
            try:
                return answer.status, json.loads(text)["data"]["data"]
            except (ValueError, KeyError, TypeError):
                return answer.status, text

    def some_orders(self, most: int) -> list[str]:
        """Give ids of orders that are stored, taken by chance."""
        with MongoClient[dict[str, Any]](self.mongo.uri) as client:
            stages = [{"$sample": {"size": most}}, {"$project": {"_id": 1}}]
            found = client[self.database]["orders"].aggregate(stages, allowDiskUse=True)
            return [str(document["_id"]) for document in found]

    def count_events(self) -> int:
        """Tell how many events are on the topic."""
        settings = {
            "bootstrap.servers": self.kafka.bootstrap_servers,
            "group.id": token_hex(4),
            "log_level": 0,
        }
        with closing(Consumer(settings)) as consumer:
            ends = [
                consumer.get_watermark_offsets(TopicPartition(self.topic, number))
                for number in range(PARTITIONS)
            ]
        return sum(high - low for low, high in ends)

    def await_events(self, more: int) -> None:
        """Return once so many more events are on the topic, and fail where it is another number."""
        self.expected_events += more
        wait_until(lambda: self.count_events() >= self.expected_events, EVENTS_SECONDS)
        found = self.count_events()
        if found != self.expected_events:
            raise AssertionError(
                f"{self.name}: {found} events for {self.expected_events} changes answered with 2xx"
            )


@contextmanager
def contending(name: str, mongo: MongoServer, kafka: KafkaServer) -> Iterator[Contender]:
    """Run one of them."""
    database, topic, port = f"bench_{ObjectId()}", f"orders-{token_hex(4)}", free_port()
    kafka.create_topic(
        topic,
        PARTITIONS,
        {"message.timestamp.type": "LogAppendTime"} if kafka.kind == "apache" else None,
    )
    settings = {
        "ORDERPORT_STORAGE": "mongo",
        "ORDERPORT_MONGO_URI": mongo.uri,
        "ORDERPORT_MONGO_DATABASE": database,
        "ORDERPORT_EVENTS": "kafka",
        "ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "ORDERPORT_KAFKA_TOPIC": topic,
        "ORDERPORT_PORT": str(port),
    }
    own = [] if name == "orderport" else [*UVICORN, "--port", str(port)]
    # `env` alone, since what the shelter runs has this process's environment and another folder.
    variables = [f"{key}={value}" for key, value in environment(settings).items()]
    variables.append(f"PYTHONPATH={REPOSITORY}")
    command = ["env", "-i", *variables, str(BIN / "python"), *COMMANDS[name], *own]
    with shelter() as place:
        contender = Contender(name, command, place, port, database, topic, mongo, kafka)
        contender.start()
        yield contender
