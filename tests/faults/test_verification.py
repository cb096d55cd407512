"""`orderport verify-events` finds nothing wrong where nothing is, while clients write and processes send."""

import asyncio
import json
from typing import Any

from tests.faults.deployment import Deployment, deployed
from tests.servers import KafkaServer, MongoServer

CALM_SECONDS = 1.0
HOT_ORDERS = 40


async def verified(deployment: Deployment) -> dict[str, Any]:
    ended = await deployment.operate("verify-events", "--json")
    assert ended.returncode == 0, ended
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


async def test_on_a_running_system_storage_and_topic_agree(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with deployed(mongo_server, kafka_server, processes=2) as deployment:
        await deployment.start()
        await deployment.clients.get_ready(deployment.urls[0])
        verifying = asyncio.create_task(verify_meanwhile(deployment))
        await deployment.work(verifying.done, hot=HOT_ORDERS)
        await verifying
        await deployment.drain()
        found = await verified(deployment)
        assert found["messages"] == len(deployment.clients.requests)
        assert found["orders"] == len(deployment.clients.orders)
        for kind in ("waiting", "repeated", "unknown"):
            assert found[kind]["count"] == 0
        assert not (await deployment.verdict()).faults


async def verify_meanwhile(deployment: Deployment) -> None:
    await asyncio.sleep(CALM_SECONDS)
    for _ in range(2):
        found = await verified(deployment)
        assert found["orders"]
        assert found["messages"]
        assert found["repeated"]["count"] == 0
