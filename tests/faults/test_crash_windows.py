"""A process that dies at any point of the way of a create or an update loses, invents and reorders nothing.

All cases run at the same time, each with a database and a topic of its own: most of their time they wait for the lease
of the process that died to run out.
"""

import asyncio
import signal
from collections.abc import Mapping
from itertools import product

import pytest

from tests.faults.crashing import IN_RECOVERY, IN_STOP, Kind, Point
from tests.faults.deployment import Deployment, deployed
from tests.faults.history import Told, Verdict
from tests.servers import KafkaServer, MongoServer

CASES = list(product(Point, Kind))
STARTS_AT_ONCE = 4
DEATH_SECONDS = 30.0
ALL_SECONDS = 300
"""The first test has to wait for all cases."""
CLIENTS = 8

Verdicts = Mapping[tuple[Point, Kind], Verdict | BaseException]


@pytest.fixture(scope="module")
async def verdicts(mongo_server: MongoServer, kafka_server: KafkaServer) -> Verdicts:
    """Tell for each case how it ended."""
    starts = asyncio.Semaphore(STARTS_AT_ONCE)
    runs = [run(mongo_server, kafka_server, starts, point, kind) for point, kind in CASES]
    return dict(zip(CASES, await asyncio.gather(*runs, return_exceptions=True), strict=True))


async def run(
    mongo: MongoServer, kafka: KafkaServer, starts: asyncio.Semaphore, point: Point, kind: Kind
) -> Verdict:
    async with deployed(mongo, kafka) as deployment:
        if point in IN_RECOVERY:  # which needs something to recover
            await crash(deployment, starts, Point.BEFORE_SEND, kind)
        await crash(deployment, starts, point, kind)
        async with starts:
            await deployment.start()
        (url,) = deployment.urls
        assert await deployment.clients.create(url)
        for order in deployment.clients.orders:  # what comes now goes behind what was left
            assert await deployment.clients.update(url, order)
        await deployment.drain()
        return await deployment.verdict()


async def crash(
    deployment: Deployment, starts: asyncio.Semaphore, point: Point, kind: Kind
) -> None:
    """Start the service, work until it dies, and be sure that it died where it was to."""
    (service,) = deployment.services
    service.armed = {"ORDERPORT_CRASH_AT": point, "ORDERPORT_CRASH_ON": kind}
    async with starts:
        await deployment.start()
    async with asyncio.timeout(DEATH_SECONDS):
        if not deployment.clients.requests:
            await deployment.clients.get_ready(service.url)
        if point not in IN_RECOVERY:
            await deployment.work(lambda: not service.running, CLIENTS, CLIENTS)
        process = service.process
        assert process
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL, service.last_words()
        assert (point in IN_STOP) == bool(service.log_lines("stopping"))


@pytest.mark.timeout(ALL_SECONDS)
@pytest.mark.parametrize(("point", "kind"), CASES)
def test_a_crash_loses_invents_and_reorders_nothing(
    verdicts: Verdicts, point: Point, kind: Kind
) -> None:
    verdict = verdicts[point, kind]
    if isinstance(verdict, BaseException):
        raise verdict
    print(verdict)
    assert not verdict.faults
    assert verdict.told[Told.DONE]
