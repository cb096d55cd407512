"""`orderport verify-events`: every disagreement of storage and topic is told, and nothing is changed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from pymongo import AsyncMongoClient

from adapters.outbound.system import new_id
from core.domain.events import OrderEvent
from core.use_cases.judging import Kind
from tests.harness.on_servers import settings_for
from tests.processes.desk import Desk, Ended, documents, open_desk, rows
from tests.servers import KafkaServer, MongoServer

Events = Mapping[str, list[str]]
"""Their ids, by what is found of them."""


@pytest.fixture
async def desk(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Desk]:
    async with open_desk(settings_for(mongo_server, kafka_server)) as opened:
        yield opened


async def test_each_finding_is_told_with_its_events_and_nothing_is_changed(
    desk: Desk, kafka_server: KafkaServer
) -> None:
    await desk.deliver(versions=3)
    expected = await plant(desk)
    before = await everything(desk), groups(kafka_server)
    told, table = await asyncio.gather(
        desk.run("verify-events", "--json"), desk.run("verify-events")
    )
    after = await everything(desk), groups(kafka_server)
    assert after == before

    assert (told.returncode, table.returncode) == (1, 1)
    (found,) = documents(told)
    assert found["agrees"] is False
    assert events_of(told) == expected
    shown = table.stdout.splitlines()
    assert shown[-1] == (
        f"{found['orders']} orders and {found['messages']} messages: storage and topic DO NOT AGREE"
    )
    for kind, events in expected.items():
        assert [kind.replace("_", " "), str(len(events)), events[0]] in rows(table)
        assert all(event in table.stdout for event in events)


async def plant(desk: Desk) -> Events:
    """Make every disagreement, and what is none; tell what is to be found."""
    (lost,) = await desk.place()
    await desk.mark(lost)

    late, early = await desk.place(versions=2)
    await desk.send(early, late)
    await desk.mark(early)

    (repeated,) = await desk.deliver()
    await desk.send(repeated, repeated)

    (wrong,) = await desk.place()
    value = wrong.change.value.replace(b"new", b"old")
    await desk.send(replace(wrong, change=replace(wrong.change, value=value)))
    await desk.mark(wrong)

    waiting = await desk.place(versions=2)
    refused, after_it = await desk.set_aside(versions=2)
    assert await desk.storage.backlog.discard(refused.order_id, 1, refused.change.time)
    await desk.send(after_it)
    await desk.mark(after_it)

    invented, too_new = OrderEvent(new_id(), 1, lost.change), replace(early, version=3)
    await desk.send(invented, too_new)
    return {
        Kind.LOST: [event_id(lost)],
        Kind.INVENTED: sorted([event_id(invented), event_id(too_new)]),
        Kind.REORDERED: [event_id(late)],
        Kind.WRONG_CONTENT: [event_id(wrong)],
        Kind.REPEATED: [event_id(repeated)] * 2,
        Kind.WAITING: [event_id(event) for event in waiting],
        Kind.DISCARDED: [event_id(refused)],
    }


def event_id(event: OrderEvent) -> str:
    return dict(event.headers())["ce_id"]


def events_of(ended: Ended) -> Events:
    """Give what a verification has found, but for what it has not."""
    (found,) = documents(ended)
    assert all(found[kind]["count"] == len(found[kind]["events"]) for kind in Kind)
    return {kind: found[kind]["events"] for kind in Kind if found[kind]["events"]}


async def everything(desk: Desk) -> list[Any]:
    """Give all documents of all collections."""
    async with AsyncMongoClient[dict[str, Any]](desk.settings["ORDERPORT_MONGO_URI"]) as client:
        database = client[desk.settings["ORDERPORT_MONGO_DATABASE"]]
        names = sorted(await database.list_collection_names())
        return [await database[name].find().sort("_id").to_list() for name in names]


def groups(kafka: KafkaServer) -> set[str]:
    """Give the consumer groups that the broker knows."""
    listed = AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_consumer_groups()
    return {group.group_id for group in listed.result().valid}


async def test_a_message_that_is_no_event_is_invented_and_told_by_its_place(desk: Desk) -> None:
    (event,) = await desk.deliver()
    producer = Producer({"bootstrap.servers": desk.settings["ORDERPORT_KAFKA_BOOTSTRAP_SERVERS"]})
    for key in (event.order_id, "other"):
        producer.produce(desk.settings["ORDERPORT_KAFKA_TOPIC"], "{}", key, partition=2)
    assert producer.flush(10) == 0
    verified = await desk.run("verify-events", "--json")
    assert verified.returncode == 1
    places = [one for one in events_of(verified)[Kind.INVENTED] if one.startswith("partition 2, ")]
    assert len(places) == 2


async def test_what_was_removed_from_the_topic_is_unknown_and_not_lost(
    desk: Desk, kafka_server: KafkaServer
) -> None:
    if kafka_server.kind == "mock":
        pytest.skip("this Kafka removes nothing")
    removed = await desk.deliver(versions=2)
    await empty_topic(desk)
    (after,) = await desk.deliver()
    (waiting,) = await desk.place()
    verified = await desk.run("verify-events", "--json")
    assert verified.returncode == 0
    assert events_of(verified) == {
        Kind.UNKNOWN: [event_id(event) for event in removed],
        Kind.WAITING: [event_id(waiting)],
    }
    assert documents(verified)[0]["messages"] == 1
    assert after.version == 1


async def empty_topic(desk: Desk) -> None:
    """Remove all messages, as retention does."""
    admin = AdminClient(
        {"bootstrap.servers": desk.settings["ORDERPORT_KAFKA_BOOTSTRAP_SERVERS"], "log_level": 0}
    )
    topic = desk.settings["ORDERPORT_KAFKA_TOPIC"]
    partitions = admin.list_topics(topic, timeout=10).topics[topic].partitions
    ends = [TopicPartition(topic, number, -1) for number in partitions]
    for removed in admin.delete_records(ends).values():
        await asyncio.to_thread(removed.result)
