"""Kafka away in every way: orders are taken all the time, and all is delivered after, in order, without a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.deployment import PARTITIONS, Deployment, deployed
from tests.faults.history import Told
from tests.servers import KafkaServer, MongoServer

CALM_SECONDS = 1.0
OUTAGE_SECONDS = 6.0
"""Longer than a send may take and than the longest pause between two tries."""
DELIVERY_SECONDS = 30.0

WAIT, FLOW = "events wait", "events flow again"


@pytest.fixture
async def deployment(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> AsyncIterator[Deployment]:
    if not kafka_server.ours or kafka_server.kind == "mock":
        pytest.skip("this Kafka cannot be stopped and started again")
    async with started(mongo_server, kafka_server) as made:
        yield made


@asynccontextmanager
async def started(
    mongo: MongoServer, kafka: KafkaServer, *, topic_exists: bool = True
) -> AsyncIterator[Deployment]:
    async with deployed(mongo, kafka, topic_exists=topic_exists) as made:
        await made.start()
        await made.clients.get_ready(made.urls[0])
        yield made


def changes_of_state(deployment: Deployment) -> list[str]:
    """Give what the log says of the broker, a word for each line; it may say nothing else of an outage."""
    (service,) = deployment.services
    assert not service.log_lines("ERROR")
    lines = service.log.read_text().splitlines()
    return [text for line in lines for text in (WAIT, FLOW) if text in line]


async def check(deployment: Deployment) -> None:
    await deployment.drain(DELIVERY_SECONDS)
    verdict = await deployment.verdict(broker_failed=True)
    print(verdict)
    assert not verdict.faults
    assert verdict.told[Told.DONE] == verdict.told.total(), "a request was not served"


async def test_a_broker_that_was_killed(deployment: Deployment) -> None:
    await deployment.work_for(CALM_SECONDS)
    await asyncio.to_thread(deployment.kafka.kill)
    await deployment.work_for(OUTAGE_SECONDS)
    assert await deployment.waiting()
    await asyncio.to_thread(deployment.kafka.start)
    await deployment.work_for(CALM_SECONDS)
    await check(deployment)
    assert changes_of_state(deployment) == [WAIT, FLOW]


async def test_a_broker_that_is_silent(deployment: Deployment) -> None:
    await deployment.work_for(CALM_SECONDS)
    deployment.kafka.pause()
    try:
        await deployment.work_for(OUTAGE_SECONDS)
    finally:
        deployment.kafka.resume()
    await deployment.work_for(CALM_SECONDS)
    await check(deployment)
    assert changes_of_state(deployment) == [WAIT, FLOW]


async def test_a_broker_that_is_restarted_under_load(deployment: Deployment) -> None:
    restarting = asyncio.create_task(restart(deployment.kafka))
    await deployment.work(restarting.done)
    await restarting
    await check(deployment)
    changes = changes_of_state(deployment)
    assert changes in ([WAIT, FLOW], []), "more than a line for a change of state"


async def restart(kafka: KafkaServer) -> None:
    await asyncio.sleep(CALM_SECONDS)
    await asyncio.to_thread(kafka.stop)
    await asyncio.to_thread(kafka.start)
    await asyncio.sleep(CALM_SECONDS)


async def test_a_topic_that_is_created_late(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with started(mongo_server, kafka_server, topic_exists=False) as deployment:
        await deployment.work_for(OUTAGE_SECONDS)
        assert changes_of_state(deployment) == [WAIT]
        await asyncio.to_thread(kafka_server.create_topic, deployment.topic, PARTITIONS)
        await check(deployment)
        assert changes_of_state(deployment) == [WAIT, FLOW]


async def test_a_run_without_a_broker_and_a_restart_of_the_service_in_its_middle(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    if not kafka_server.ours or kafka_server.kind == "mock":
        pytest.skip("this Kafka cannot be stopped and started again")
    async with deployed(mongo_server, kafka_server) as deployment:
        await asyncio.to_thread(kafka_server.stop)
        try:
            await deployment.start()
            await deployment.clients.get_ready(deployment.urls[0])
            await deployment.work_for(CALM_SECONDS)
            (service,) = deployment.services
            await asyncio.to_thread(service.stop)
            await deployment.start()
            await deployment.work_for(CALM_SECONDS)
        finally:
            await asyncio.to_thread(kafka_server.start)
        await check(deployment)
        assert changes_of_state(deployment) == [WAIT, WAIT, FLOW]
