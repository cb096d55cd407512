"""Under load, with and without processes killed at random moments, the topic tells what clients were told."""

from tests.faults.deployment import deployed
from tests.faults.soak import CLIENTS, HOT_ORDERS, PROCESSES, soak
from tests.servers import KafkaServer, MongoServer

KILLS = 20
LOAD_SECONDS = 3.0


async def test_kills_lose_invent_and_reorder_nothing(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    verdict = await soak(mongo_server, kafka_server, KILLS)
    print(verdict)
    assert not verdict.faults


async def test_without_a_fault_nothing_is_repeated_not_even_by_a_stop(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with deployed(mongo_server, kafka_server, PROCESSES) as deployment:
        await deployment.start()
        await deployment.clients.get_ready(deployment.urls[0])
        for service in deployment.services:
            await deployment.work_for(LOAD_SECONDS, CLIENTS, HOT_ORDERS)
            service.ask_to_stop()
            await deployment.work_for(LOAD_SECONDS, CLIENTS, HOT_ORDERS)
            await deployment.start()
        await deployment.drain()
        verdict = await deployment.verdict()
    print(verdict)
    assert not verdict.faults
    assert not verdict.repeats
