"""`python -m tests.faults.outage_figures`: what an outage of Kafka costs, measured in one run on servers of its own.

It prints and judges nothing: how long requests take, the memory of the service, how fast a backlog leaves.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from secrets import token_hex

from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.mapping import from_order
from adapters.outbound.system import SystemClock, new_id
from core.domain.events import Change, EventType
from core.domain.orders import Item, Order
from core.ports.storage import LEASE
from tests.faults.clients import Clients
from tests.faults.connections import Connections
from tests.faults.deployment import Deployment, deployed
from tests.faults.history import Told
from tests.faults.service import ServiceProcess
from tests.servers import MongoServer, start_kafka, start_mongod

PLAIN = {"ORDERPORT_STORAGE": "mongo", "ORDERPORT_EVENTS": "kafka"}
CLIENTS = 8
ORDERS = 300
UPDATES = 15
"""Of each order, so that with its create 16 events wait."""
LARGE_ITEMS = 1_000
NEAR = 10
"""So many of the last updates before the bound are near it."""
INTAKE_CLIENTS = 32
INTAKE_SECONDS = 15.0
SEED_BATCH = 1_000
DRAIN_SECONDS = 900.0
SETTLE_SECONDS = 15.0
"""After which leases of a backlog are past, and the service has probed a few times."""
SAMPLE_SECONDS = 0.25


async def update_all(deployment: Deployment) -> Sequence[float]:
    """Create orders and update each as often as allowed; give how long each update took."""
    clients = Clients(Connections())
    (url,) = deployment.urls
    await clients.get_ready(url)
    await clients.work_together(CLIENTS, [url], ORDERS, lambda: len(clients.orders) >= ORDERS)
    clients.seconds.clear()
    turns = iter([order for _ in range(UPDATES) for order in clients.orders])

    async def work() -> None:
        for order in turns:
            await clients.update(url, order)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(work())
    return sorted(clients.seconds)


async def update_to_the_bound(deployment: Deployment) -> Sequence[float]:
    """Update one large order until no more may wait; give how long the last updates took."""
    clients = Clients(Connections(), padding=LARGE_ITEMS - 1)
    (url,) = deployment.urls
    await clients.get_ready(url)
    await clients.create(url)
    while (await clients.update(url, clients.orders[0]) or clients.requests[-1]).told is Told.DONE:
        pass
    return sorted(clients.seconds[-NEAR - 1 : -1])


async def take_in(deployment: Deployment) -> int:
    """Create orders as fast as one process takes them, and give how many those were."""
    clients = Clients(Connections())
    (url,) = deployment.urls
    await clients.get_ready(url)
    end = time.monotonic() + INTAKE_SECONDS
    await clients.work_together(INTAKE_CLIENTS, [url], sys.maxsize, lambda: time.monotonic() > end)
    return len(clients.orders)


async def seed(deployment: Deployment, count: int) -> None:
    """Put orders into storage whose creator has died."""
    customer, product = new_id(), new_id()
    now = SystemClock().now()

    def documents() -> Iterator[Document]:
        while True:
            order = Order(new_id(), customer, Decimal("1.5"), (Item(product, 1),), token_hex(8))
            change = Change(EventType.CREATED, now, None, order.to_json())
            yield from_order(order, change, "gone", now + LEASE)

    for start in range(0, count, SEED_BATCH):
        await deployment.orders.insert_many(
            islice(documents(), min(SEED_BATCH, count - start)), ordered=False
        )


async def waiting_events(deployment: Deployment) -> int:
    """Count the events that wait."""
    count = {"$group": {"_id": None, "events": {"$sum": {"$size": "$pending"}}}}
    (found,) = await (await deployment.orders.aggregate([count])).to_list()
    return int(found["events"])


async def drain(deployment: Deployment) -> float:
    """Wait until nothing waits; give the greatest memory meanwhile, in MiB."""
    (service,) = deployment.services
    most = 0.0
    draining = asyncio.create_task(deployment.drain(DRAIN_SECONDS))
    while not draining.done():
        most = max(most, memory(service))
        await asyncio.wait({draining}, timeout=SAMPLE_SECONDS)
    draining.result()
    return most


@dataclass
class Work:
    """What is done from its making on, and what it takes; `mongo` and `service` are the processes that do it."""

    mongo: MongoServer
    service: ServiceProcess

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._used = self._processor_seconds()

    def print(self, name: str, events: int) -> float:
        """Print how fast so many events went in or out; give how many a second that is."""
        rate = events / (time.monotonic() - self._began)
        service, mongo = (
            1_000_000 * (now - then) / events
            for now, then in zip(self._processor_seconds(), self._used, strict=True)
        )
        print(
            f"{name}: {rate:.0f} events a second; processor time of each: "
            f"service {service:.0f} us, MongoDB {mongo:.0f} us",
            flush=True,
        )
        return rate

    def _processor_seconds(self) -> Sequence[float]:
        return [processor_seconds(process.pid) for process in (self.service, self.mongo)]


def processor_seconds(pid: int) -> float:
    """Give the time that a process has had on a processor."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory(service: ServiceProcess) -> float:
    """Give the resident set of the process in MiB."""
    pages = int(Path(f"/proc/{service.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def quantile(ordered: Sequence[float], share: float) -> float:
    """Give the value in milliseconds that so many lie below."""
    return 1_000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def print_latency(name: str, seconds: Sequence[float]) -> None:
    print(
        f"{name}: p50 {quantile(seconds, 0.5):.1f} ms, p99 {quantile(seconds, 0.99):.1f} ms "
        f"({len(seconds)} updates)",
        flush=True,
    )


async def measure(backlog: int) -> None:
    with start_mongod() as mongo, start_kafka() as kafka:
        async with deployed(mongo, kafka, settings=PLAIN) as deployment:
            await deployment.start()
            (service,) = deployment.services
            await update_all(deployment)  # warms everything up
            up = await update_all(deployment)
            print_latency("Kafka up", up)
            work = Work(mongo, service)
            intake = work.print("one process takes in", await take_in(deployment))
            await deployment.drain()
            before = memory(service)

            kafka.pause()
            await update_in_outage(deployment, "Kafka silent", up)
            kafka.resume()
            await deployment.drain()
            await asyncio.to_thread(kafka.kill)
            await update_in_outage(deployment, "Kafka away", up)
            print_latency("near 4 MiB waiting", await update_to_the_bound(deployment))

            await seed(deployment, backlog)
            await asyncio.sleep(SETTLE_SECONDS)
            waiting, after = await waiting_events(deployment), memory(service)
            print(
                f"memory: {before:.0f} MiB, with {waiting} events waiting {after - before:+.0f} MiB"
            )
            await asyncio.to_thread(kafka.start)
            work = Work(mongo, service)
            most = await drain(deployment)
            rate = work.print("drained", waiting)
            print(f"drained to taken in: {rate / intake:.2f}; up to {most:.0f} MiB")


async def update_in_outage(deployment: Deployment, name: str, up: Sequence[float]) -> None:
    """Print how long updates take, and how much longer than those with Kafka up."""
    await update_all(deployment)  # notices
    away = await update_all(deployment)
    print_latency(name, away)
    print(f"p99 to that of Kafka up: {quantile(away, 0.99) / quantile(up, 0.99):.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.outage_figures", description=__doc__
    )
    parser.add_argument("--backlog", type=int, default=100_000, metavar="N")
    asyncio.run(measure(parser.parse_args().backlog))


if __name__ == "__main__":
    main()
