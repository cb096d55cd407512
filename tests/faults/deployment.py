"""Processes of the service on one database and one topic of their own, their clients, and the judgement."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from subprocess import CompletedProcess
from typing import Any, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka import Message as KafkaMessage
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from tests.faults.clients import Clients
from tests.faults.connections import Connections
from tests.faults.history import Message, Stored, Verdict, judge
from tests.faults.journal import allowance
from tests.faults.service import ORDERPORT, ServiceProcess, make_service
from tests.harness.process import run_to_end
from tests.servers import KafkaServer, MongoServer
from tests.servers.process import shelter

PLUGIN = Path(__file__).with_name("plugin")
PARTITIONS = 3
DRAIN_SECONDS = 60.0
POLL_SECONDS = 0.1
READ_SECONDS = 30.0

Orders = AsyncCollection[dict[str, Any]]
Headers = Sequence[tuple[str, bytes]]


@dataclass
class Deployment:
    """Everything that a test of faults needs; `journal` is what the plug-in writes."""

    kafka: KafkaServer
    topic: str
    journal: Path
    services: Sequence[ServiceProcess]
    clients: Clients
    orders: Orders
    settings: Mapping[str, str]
    """The same database and topic without the plug-in."""

    @property
    def urls(self) -> list[str]:
        """Where the processes serve."""
        return [service.url for service in self.services]

    async def start(self) -> None:
        """Start the processes that do not run."""
        for service in self.services:
            await asyncio.to_thread(service.start)

    async def work(self, until: Callable[[], bool], count: int = 8, hot: int = 8) -> None:
        """Have so many clients create and update so many orders, at all processes."""
        await self.clients.work_together(count, self.urls, hot, until)

    async def work_for(self, seconds: float, count: int = 8, hot: int = 8) -> None:
        """Likewise, for that long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        await self.work(lambda: loop.time() > end, count, hot)

    async def waiting(self) -> int:
        """Count the orders of which something waits."""
        return await self.orders.count_documents({"pending.0": {"$exists": True}})

    async def drain(self, seconds: float = DRAIN_SECONDS) -> float:
        """Return once nothing waits any more; tell how many seconds that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(seconds):
            while await self.waiting():  # noqa: ASYNC110 - storage gives no sign
                await asyncio.sleep(POLL_SECONDS)
        return loop.time() - began

    async def operate(self, *arguments: str) -> CompletedProcess[str]:
        """Run a command of operators to its end."""
        return await asyncio.to_thread(run_to_end, self.settings, (ORDERPORT, *arguments))

    async def verdict(self, *, broker_failed: bool = False) -> Verdict:
        """Judge all that has happened so far; nothing may wait.

        Where the broker failed, the client may have sent again, within its time, what was under way on a connection
        that it lost: then each send is excused once more.
        """
        messages = await asyncio.to_thread(read_topic, self.kafka.bootstrap_servers, self.topic)
        stored = {
            str(order["_id"]): Stored(order["version"], order["status"])
            async for order in self.orders.find({}, {"version": 1, "status": 1})
        }
        excused = allowance(self.journal, attempts=2 if broker_failed else 1)
        return judge(self.clients.requests, stored, messages, excused)


@asynccontextmanager
async def deployed(
    mongo: MongoServer,
    kafka: KafkaServer,
    processes: int = 1,
    *,
    topic_exists: bool = True,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Deployment]:
    """Make a deployment whose processes are not started; all of it is gone at the end, the topic aside."""
    topic, database = f"orders-{token_hex(4)}", f"faults_{token_hex(4)}"
    if topic_exists:
        await asyncio.to_thread(kafka.create_topic, topic, PARTITIONS)
    with shelter() as place:
        journal = place.folder / "journal"
        plain = {
            "ORDERPORT_MONGO_URI": mongo.uri,
            "ORDERPORT_MONGO_DATABASE": database,
            "ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "ORDERPORT_KAFKA_TOPIC": topic,
        }
        variables = {
            **plain,
            "PYTHONPATH": str(PLUGIN),
            "ORDERPORT_STORAGE": "crashing",
            "ORDERPORT_EVENTS": "crashing",
            "ORDERPORT_JOURNAL": str(journal),
            **(settings or {}),
        }
        services = [make_service(place, variables) for _ in range(processes)]
        connections = Connections()
        async with AsyncMongoClient[dict[str, Any]](mongo.uri) as client:
            try:
                orders = client[database]["orders"]
                clients = Clients(connections)
                yield Deployment(kafka, topic, journal, services, clients, orders, plain)
            finally:
                connections.close()
                for service in services:
                    await asyncio.to_thread(service.kill)


def read_topic(servers: str, topic: str) -> list[Message]:
    """Read all that is on the topic, in the order of its offsets within each partition."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": token_hex(4), "log_level": 0})
    try:
        partitions = consumer.list_topics(topic, timeout=READ_SECONDS).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        count = 0
        for number in partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, number))
            count += high - low
        messages: list[Message] = []
        while len(messages) < count:
            batch = consumer.consume(min(1_000, count - len(messages)), READ_SECONDS)
            assert batch, f"{topic} gave {len(messages)} of {count} messages"
            messages += [_read(message) for message in batch]
        return messages
    finally:
        consumer.close()


def _read(message: KafkaMessage) -> Message:
    assert not message.error(), message.error()
    key, value = message.key() or b"", message.value() or b""
    headers = cast(Headers, message.headers())
    return Message(
        message.partition() or 0,
        key.decode(),
        int(dict(headers)["ce_sequence"]),
        json.loads(value)["status"],
        repr((key, headers, value)).encode(),
    )
