"""A replica set whose primary goes in mid-write: each request is answered with the truth, or that it is not known."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import pytest
from pymongo.errors import AutoReconnect

from tests.faults.deployment import Deployment, deployed
from tests.faults.history import Told
from tests.servers import KafkaServer, MongoServer, start_mongod
from tests.servers.mongod import Mongod
from tests.servers.process import wait_until

CALM_SECONDS = 2.0
ELECTION_SECONDS = 30.0
CLIENTS = 16


@pytest.fixture(scope="module")
def replica_set() -> Iterator[MongoServer]:
    with start_mongod(replica_set=3) as server:
        yield server


@pytest.fixture
async def deployment(
    replica_set: MongoServer, kafka_server: KafkaServer
) -> AsyncIterator[Deployment]:
    if not replica_set.ours:
        pytest.skip("the nodes of this replica set cannot be reached one by one")
    async with deployed(replica_set, kafka_server, processes=2) as made:
        await made.start()
        await made.clients.get_ready(made.urls[0])
        yield made


def kill(primary: Mongod) -> None:
    primary.kill()


def step_down(primary: Mongod) -> None:
    with suppress(AutoReconnect):  # it may hang up before it answers
        primary.ask("replSetStepDown", 10)


@pytest.mark.parametrize("depose", [kill, step_down])
async def test_a_primary_that_goes_under_load(
    replica_set: MongoServer, deployment: Deployment, depose: Callable[[Mongod], None]
) -> None:
    deposing = asyncio.create_task(replace_primary(replica_set, depose))
    await deployment.work(deposing.done, CLIENTS)
    await deposing
    await deployment.drain()
    verdict = await deployment.verdict()
    print(verdict)
    assert not verdict.faults
    assert verdict.told[Told.DONE]
    await asyncio.to_thread(replica_set.start)


async def replace_primary(replica_set: MongoServer, depose: Callable[[Mongod], None]) -> None:
    await asyncio.sleep(CALM_SECONDS)
    old = await asyncio.to_thread(replica_set.primary)
    await asyncio.to_thread(depose, old)
    others = [node for node in replica_set.processes if node is not old]
    elected = await asyncio.to_thread(
        wait_until, lambda: any(node.is_primary() for node in others), ELECTION_SECONDS
    )
    assert elected, "no other node became the primary"
    await asyncio.sleep(CALM_SECONDS)
