"""The consumer that `docs/events.md` shows drops repeats and what is stale, on the topic of the running service."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

import pytest
from confluent_kafka import Producer

from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.given import Shop, open_shop
from tests.contract.events.documented import consuming, source
from tests.contract.events.topic import Received, read
from tests.harness.on_servers import settings_for
from tests.harness.process import running
from tests.servers import KafkaServer, MongoServer

EXACT = "0.1000000000000000055511151231257827"


@dataclass
class Topic:
    """The topic of a service that runs, which others may write to as well; it has one partition, so one order."""

    api: Api
    shop: Shop
    servers: str
    name: str
    count: int = 0

    def place(self) -> Received:
        """Place an order; give its message once it is on the topic."""
        self.shop.place_order()
        return self._next()

    def update(self, message: Received, status: str, price: str) -> Received:
        """Replace the order of a message; give the new message."""
        body = self.shop.order_body(_id=message.event.key, status=status, price=spelt(price))
        assert self.api.put("/orders/update", body).status == 200
        return self._next()

    def plant(self, *messages: Received) -> None:
        """Send messages as they are."""
        producer = Producer({"bootstrap.servers": self.servers})
        for message in messages:
            producer.produce(
                self.name, message.value, message.key, headers=list(message.headers), partition=0
            )
        assert producer.flush(10) == 0
        self.count += len(messages)

    def _next(self) -> Received:
        self.count += 1
        return read(self.servers, self.name, self.count)[-1]


@pytest.fixture
def topic(mongo_server: MongoServer, kafka_server: KafkaServer) -> Iterator[Topic]:
    name = f"orders-{token_hex(4)}"
    kafka_server.create_topic(name, 1)
    settings = settings_for(mongo_server, kafka_server) | {"ORDERPORT_KAFKA_TOPIC": name}
    with running(settings) as service, Api(service.url) as api:
        yield Topic(api, open_shop(api), kafka_server.bootstrap_servers, name)


def test_repeats_and_stale_events_are_dropped_also_after_a_crash(
    topic: Topic, tmp_path: Path
) -> None:
    file = tmp_path / "orders.db"
    with consuming(topic.servers, topic.name, file) as output:
        a1, b1 = topic.place(), topic.place()
        a2 = topic.update(a1, "paid", "12.50")
        assert output.next(3) == [new(a1), new(b1), new(a2)]

        topic.plant(a2, a1, b1)
        b2 = topic.update(b1, "発送済み 📦", EXACT)
        assert output.next(4) == [dropped(a2), dropped(a1), dropped(b1), new(b2)]

        after_a_gap, late = at(a2, 4), at(a2, 3)
        topic.plant(after_a_gap, late, after_a_gap)
        assert output.next(3) == [new(after_a_gap), dropped(late), dropped(after_a_gap)]

    b3 = topic.update(b2, "delivered", EXACT)
    with consuming(topic.servers, topic.name, file) as output:  # knows no offset: reads all again
        lines = output.next(topic.count)
    assert lines == [dropped(message) for message in all_of(topic)[:-1]] + [new(b3)]
    with closing(sqlite3.connect(file)) as database:
        rows = set(database.execute("SELECT * FROM orders"))
    assert rows == {
        (a1.event.key, "0000000004", "12.5", "paid"),
        (b1.event.key, "0000000003", EXACT, "delivered"),
    }


def test_it_has_twenty_lines() -> None:
    assert sum(bool(line.strip()) for line in source().splitlines()) <= 20


def new(message: Received) -> str:
    return f"new {message.event.headers['ce_id']}"


def dropped(message: Received) -> str:
    return f"dropped {message.event.headers['ce_id']}"


def at(message: Received, version: int) -> Received:
    """Give the message as another version of its order, as where an operator has discarded one in between."""
    sequence = f"{version:010d}"
    changed = {"ce_id": f"{message.event.key}-{sequence}", "ce_sequence": sequence}
    headers = [
        (name, changed[name].encode() if name in changed else value)
        for name, value in message.headers
    ]
    return replace(message, headers=headers)


def all_of(topic: Topic) -> Sequence[Received]:
    return read(topic.servers, topic.name, topic.count)
