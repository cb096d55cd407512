"""What the Kafka adapter promises beyond its port, on a real broker that stops, freezes and refuses."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from adapters.outbound.kafka import KafkaSettings
from adapters.outbound.kafka.publisher import KafkaPublisher
from core.domain.errors import EventsUnavailable
from core.domain.events import Change, EventType, OrderEvent
from core.ports.events import Outcome
from tests.outbound.orders import CLOCK, an_order
from tests.servers import KafkaServer

ANSWER_SECONDS = 4.0
SLACK_SECONDS = 1.0


@pytest.fixture
def topic(kafka_server: KafkaServer) -> str:
    name = f"orders-{token_hex(4)}"
    kafka_server.create_topic(name, 3)
    return name


@asynccontextmanager
async def publishing(server: KafkaServer, topic: str) -> AsyncIterator[KafkaPublisher]:
    environment = {
        "ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": server.bootstrap_servers,
        "ORDERPORT_KAFKA_TOPIC": topic,
    }
    async with KafkaSettings.from_environment(environment).open() as publisher:
        yield publisher


def an_event(status: str = "new") -> OrderEvent:
    order = an_order(status)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return OrderEvent(order.id, 1, Change(EventType.CREATED, CLOCK.now(), trace, order.to_json()))


def read(server: KafkaServer, topic: str, count: int) -> list[Message]:
    """Read so many messages with librdkafka, another library than the one that wrote them."""
    consumer = Consumer({"bootstrap.servers": server.bootstrap_servers, "group.id": token_hex(4)})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        messages: list[Message] = []
        deadline = time.monotonic() + 20
        while len(messages) < count and time.monotonic() < deadline:
            message = consumer.poll(1)
            if message and not message.error():
                messages.append(message)
        return messages
    finally:
        consumer.close()


async def test_another_library_reads_key_headers_and_value(
    kafka_server: KafkaServer, topic: str
) -> None:
    event = an_event()
    async with publishing(kafka_server, topic) as publisher:
        (receipt,) = await publisher.publish([event])
    assert receipt.outcome is Outcome.ACKNOWLEDGED
    (message,) = await asyncio.to_thread(read, kafka_server, topic, 1)
    assert message.key() == event.order_id.encode()
    assert message.value() == event.change.value
    assert message.headers() == [(name, value.encode()) for name, value in event.headers()]


async def test_many_events_go_together_each_with_its_receipt(
    kafka_server: KafkaServer, topic: str
) -> None:
    events = [an_event() for _ in range(500)]
    async with publishing(kafka_server, topic) as publisher:
        receipts = await publisher.publish(events)
    assert [receipt.outcome for receipt in receipts] == [Outcome.ACKNOWLEDGED] * 500
    messages = await asyncio.to_thread(read, kafka_server, topic, 500)
    assert {message.key() for message in messages} == {e.order_id.encode() for e in events}


async def test_a_frozen_broker_leaves_a_send_unknown_in_time_and_the_next_one_goes_through(
    kafka_server: KafkaServer, topic: str
) -> None:
    (broker,) = kafka_server.processes
    async with publishing(kafka_server, topic) as publisher:
        await publisher.publish([an_event()])
        broker.pause()
        try:
            started = time.monotonic()
            receipts = await publisher.publish([an_event(), an_event()])
            assert time.monotonic() - started < ANSWER_SECONDS + SLACK_SECONDS
            assert {receipt.outcome for receipt in receipts} == {Outcome.UNKNOWN}
        finally:
            broker.resume()
        await until_acknowledged(publisher)


async def test_a_broker_that_is_frozen_at_the_start_leaves_a_send_unknown_in_time(
    kafka_server: KafkaServer, topic: str
) -> None:
    (broker,) = kafka_server.processes
    broker.pause()
    try:
        started = time.monotonic()
        async with publishing(kafka_server, topic) as publisher:
            (receipt,) = await publisher.publish([an_event()])
            assert time.monotonic() - started < ANSWER_SECONDS + SLACK_SECONDS
    finally:
        broker.resume()
    assert receipt.outcome is Outcome.UNKNOWN


async def test_closing_is_bounded_while_the_broker_is_frozen_and_leaves_no_task(
    kafka_server: KafkaServer, topic: str
) -> None:
    (broker,) = kafka_server.processes
    before = asyncio.all_tasks()
    async with publishing(kafka_server, topic) as publisher:
        await publisher.publish([an_event()])
        broker.pause()
        try:
            sending = asyncio.create_task(publisher.publish([an_event()]))
            await asyncio.wait({sending}, timeout=0.2)
            started = time.monotonic()
            await publisher.close()
            assert time.monotonic() - started < ANSWER_SECONDS
            (receipt,) = await sending
            assert receipt.outcome is Outcome.UNKNOWN
        finally:
            broker.resume()
    assert asyncio.all_tasks() <= before


async def test_a_send_that_ends_after_its_receipt_is_no_error(
    kafka_server: KafkaServer, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    (broker,) = kafka_server.processes
    servers = kafka_server.bootstrap_servers
    publisher = KafkaPublisher(topic, lambda: AIOKafkaProducer(bootstrap_servers=servers), 1.0)
    await until_acknowledged(publisher)
    broker.pause()
    try:
        (receipt,) = await publisher.publish([an_event()])
        assert receipt.outcome is Outcome.UNKNOWN
        await publisher.close()  # which ends it
    finally:
        broker.resume()
    gc.collect()  # asyncio tells of an error that nobody has heard of when it is thrown away
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_a_broker_that_is_killed_and_started_again_is_found_again(
    kafka_server: KafkaServer, topic: str
) -> None:
    (broker,) = kafka_server.processes
    async with publishing(kafka_server, topic) as publisher:
        await publisher.publish([an_event()])
        broker.kill()
        (receipt,) = await publisher.publish([an_event()])
        assert receipt.outcome is Outcome.UNKNOWN
        with pytest.raises(EventsUnavailable, match="cannot be reached"):
            await publisher.check()
        await asyncio.to_thread(broker.start)
        await until_acknowledged(publisher)
        await publisher.check()


async def test_a_missing_topic_is_an_outage_that_names_it_and_ends_when_it_is_created(
    kafka_server: KafkaServer,
) -> None:
    topic = f"absent-{token_hex(4)}"
    async with publishing(kafka_server, topic) as publisher:
        with pytest.raises(EventsUnavailable, match=f"topic {topic} does not exist"):
            await publisher.check()
        started = time.monotonic()
        (receipt,) = await publisher.publish([an_event()])
        assert time.monotonic() - started < ANSWER_SECONDS + SLACK_SECONDS
        assert receipt.outcome is Outcome.UNKNOWN
        await asyncio.to_thread(kafka_server.create_topic, topic)
        await until_acknowledged(publisher)
        await publisher.check()


async def test_what_the_topic_can_never_take_is_refused_and_nothing_else_is(
    kafka_server: KafkaServer,
) -> None:
    topic = f"small-{token_hex(4)}"
    kafka_server.create_topic(topic, 1, {"max.message.bytes": "2000"})
    incompressible = token_hex(2_000)
    async with publishing(kafka_server, topic) as publisher:
        for _ in range(3):
            (receipt,) = await publisher.publish([an_event(incompressible)])
            assert receipt.outcome is Outcome.REFUSED
            assert receipt.reason == f"too large for topic {topic}"
        (receipt,) = await publisher.publish([an_event()])
        assert receipt.outcome is Outcome.ACKNOWLEDGED
    assert len(await asyncio.to_thread(read, kafka_server, topic, 1)) == 1


async def test_what_is_refused_alone_takes_none_with_it_that_goes_alone_at_the_same_time(
    kafka_server: KafkaServer,
) -> None:
    topic = f"small-{token_hex(4)}"
    kafka_server.create_topic(topic, 1, {"max.message.bytes": "2000"})
    async with publishing(kafka_server, topic) as publisher:
        await publisher.publish([an_event()])
        for _ in range(5):
            events = [an_event(), an_event(token_hex(2_000)), an_event(), an_event()]
            receipts = await asyncio.gather(*(publisher.publish([event]) for event in events))
            refused = [receipt.outcome is Outcome.REFUSED for (receipt,) in receipts]
            assert refused == [False, True, False, False]


async def test_events_of_an_order_go_to_one_partition_alone_or_among_others(
    kafka_server: KafkaServer, topic: str
) -> None:
    events = [an_event() for _ in range(10)]
    async with publishing(kafka_server, topic) as publisher:
        await publisher.publish(events)
        for event in events:
            await publisher.publish([event])
    messages = await asyncio.to_thread(read, kafka_server, topic, 20)
    places = {(message.key(), message.partition()) for message in messages}
    assert len(messages) == 20
    assert len(places) == 10


async def test_without_a_broker_a_send_is_unknown_and_check_says_why() -> None:
    environment = {"ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    async with KafkaSettings.from_environment(environment).open() as publisher:
        (receipt,) = await publisher.publish([an_event()])
        assert receipt.outcome is Outcome.UNKNOWN
        with pytest.raises(EventsUnavailable, match="the broker cannot be reached"):
            await publisher.check()


async def until_acknowledged(publisher: KafkaPublisher) -> None:
    async with asyncio.timeout(30):
        while True:
            (receipt,) = await publisher.publish([an_event()])
            if receipt.outcome is Outcome.ACKNOWLEDGED:
                return
