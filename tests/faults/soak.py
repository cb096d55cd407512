"""`python -m tests.faults.soak --kills N`: kill processes of the service at random moments under load, and judge.

32 clients create and update 20 hot orders at 2 processes. Prints the counts; exit status 1 where they show a fault.
"""

import argparse
import asyncio
import random
import sys

from tests.faults.deployment import Deployment, deployed
from tests.faults.history import Verdict
from tests.servers import KafkaServer, MongoServer, start_kafka, start_mongod

CLIENTS = 32
HOT_ORDERS = 20
PROCESSES = 2
CALM_SECONDS = 1.0
"""At most, between a process's return and the next kill; at random."""


async def soak(mongo: MongoServer, kafka: KafkaServer, kills: int) -> Verdict:
    """Run it on these servers."""
    async with deployed(mongo, kafka, PROCESSES) as deployment:
        await deployment.start()
        await deployment.clients.get_ready(deployment.urls[0])
        killing = asyncio.create_task(_kill(deployment, kills))
        await deployment.work(killing.done, CLIENTS, HOT_ORDERS)
        await killing
        await deployment.drain()
        return await deployment.verdict()


async def _kill(deployment: Deployment, kills: int) -> None:
    for number in range(kills):
        await asyncio.sleep(random.uniform(0, CALM_SECONDS))
        victim = random.choice(deployment.services)
        await asyncio.to_thread(victim.kill)
        await asyncio.to_thread(victim.start)
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {kills} kills", end="", file=sys.stderr)


def main() -> int:
    """Run it on servers of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    kills: int = parser.parse_args().kills
    with start_mongod() as mongo, start_kafka() as kafka:
        verdict = asyncio.run(soak(mongo, kafka, kills))
    print(f"kills {kills}: {verdict}", *verdict.faults, sep="\n")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
