"""`python -m tests.faults.verification_figures`: what `orderport verify-events` takes, on servers of its own.

It fills storage and topic with orders that were created and delivered, and prints how long the command runs and the
most memory that it has.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from secrets import token_hex

from bson import ObjectId
from confluent_kafka import Producer

from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.mapping import from_order
from adapters.outbound.system import SystemClock, new_id
from core.domain.events import Change, EventType, OrderEvent
from core.domain.orders import Item, Order
from tests.faults.deployment import Deployment, deployed
from tests.faults.service import ORDERPORT
from tests.harness.process import environment
from tests.servers import start_kafka, start_mongod

BATCH = 10_000
QUEUE_KILOBYTES = 65_536


def delivered(count: int) -> Iterator[tuple[Document, OrderEvent]]:
    """Give so many orders with nothing that waits, each with its event."""
    customer, product = new_id(), new_id()
    order = Order(new_id(), customer, Decimal("12.5"), (Item(product, 2), Item(product, 1)), "new")
    made = SystemClock().now()
    template = from_order(order, Change(EventType.CREATED, made, None, b""), "", made)
    for _ in range(count):
        placed = Order(new_id(), customer, order.price, order.items, token_hex(8))
        change = Change(EventType.CREATED, made, None, placed.to_json())
        stored = {"_id": ObjectId(placed.id), "status": placed.status, "pending": []}
        yield template | stored, OrderEvent(placed.id, 1, change)


async def fill(deployment: Deployment, count: int) -> None:
    """Put so many orders into storage, and their events on the topic."""
    settings = {"bootstrap.servers": deployment.kafka.bootstrap_servers, "linger.ms": 50}
    producer = Producer(settings | {"queue.buffering.max.kbytes": QUEUE_KILOBYTES})
    orders = delivered(count)
    while batch := list(islice(orders, BATCH)):
        for _, event in batch:
            producer.produce(
                deployment.topic,
                event.change.value,
                event.order_id.encode(),
                headers=dict(event.headers()),
            )
        await deployment.orders.insert_many([document for document, _ in batch], ordered=False)
        assert producer.flush(60) == 0


async def measure(count: int) -> None:
    with start_mongod() as mongo, start_kafka() as kafka:
        async with deployed(mongo, kafka) as deployment:
            await fill(deployment, count)
            print(f"{count} orders are stored and delivered", flush=True)
            began = time.monotonic()
            status, usage = await asyncio.to_thread(verify, deployment.settings)
            took = time.monotonic() - began
    print(
        f"status {status}, {took:.0f} s, of which {usage.ru_utime + usage.ru_stime:.0f} s on a processor, "
        f"up to {usage.ru_maxrss / 1024:.0f} MiB"
    )


def verify(settings: Mapping[str, str]) -> tuple[int, resource.struct_rusage]:
    """Run the command; give its exit status, and what it has used."""
    process = subprocess.Popen([str(ORDERPORT), "verify-events"], env=environment(settings))
    _, status, usage = os.wait4(process.pid, 0)  # which tells of this process alone
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.verification_figures", description=__doc__
    )
    parser.add_argument("--orders", type=int, default=1_000_000, metavar="N")
    asyncio.run(measure(parser.parse_args().orders))


if __name__ == "__main__":
    main()
