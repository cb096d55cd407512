"""Processes that die or freeze leave nothing behind that the others do not take over, and disturb no order."""

import asyncio

from tests.faults.crashing import Kind, Point
from tests.faults.deployment import Deployment, deployed
from tests.faults.service import ServiceProcess
from tests.servers import KafkaServer, MongoServer

FREEZE_SECONDS = 15.0
"""Longer than a lease."""
TAKE_OVER_SECONDS = 30.0
"""What the project promises."""
CALM_SECONDS = 1.0


async def judged(deployment: Deployment) -> None:
    verdict = await deployment.verdict()
    print(verdict)
    assert not verdict.faults


async def test_a_frozen_process_that_wakes_reorders_nothing(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with deployed(mongo_server, kafka_server, processes=2) as deployment:
        await deployment.start()
        frozen, awake = deployment.services
        clients = deployment.clients
        await clients.get_ready(frozen.url)
        freezing = asyncio.create_task(freeze(frozen))
        async with asyncio.TaskGroup() as load:
            for service in (frozen, awake):  # those of the frozen one wait for their answers
                load.create_task(clients.work_together(8, [service.url], 8, freezing.done))
        await freezing
        await deployment.drain()
        await judged(deployment)


async def freeze(service: ServiceProcess) -> None:
    await asyncio.sleep(CALM_SECONDS)
    service.pause()
    try:
        await asyncio.sleep(FREEZE_SECONDS)
    finally:
        service.resume()
    await asyncio.sleep(CALM_SECONDS)


async def test_what_a_dead_process_leaves_is_taken_over_in_time(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with deployed(mongo_server, kafka_server, processes=2) as deployment:
        mortal, _immortal = deployment.services
        mortal.armed = {"ORDERPORT_CRASH_AT": Point.BEFORE_SEND, "ORDERPORT_CRASH_ON": Kind.CREATE}
        await deployment.start()
        clients = deployment.clients
        await clients.get_ready(mortal.url)
        await clients.work_together(8, [mortal.url], 8, lambda: not mortal.running)
        assert await deployment.waiting()
        await deployment.drain(TAKE_OVER_SECONDS)
        await judged(deployment)
