"""The memory adapter's topic: lines of text."""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.outbound.memory import MemoryPublisher
from tests.contract.ports.topic import Sent, Topic


@asynccontextmanager
async def open_topic() -> AsyncIterator[Topic]:
    written: list[str] = []

    async def messages() -> list[Sent]:
        return [_parse(line) for line in "".join(written).split("\n")[:-1]]

    publisher = MemoryPublisher("orders", written.append)
    yield Topic(publisher, messages)
    publisher.close()


@asynccontextmanager
async def open_topic_that_nobody_reads() -> AsyncIterator[Topic]:
    """Open a pipe that is full: no line is ever written."""
    closed = threading.Event()

    async def messages() -> list[Sent]:
        return []

    publisher = MemoryPublisher("orders", lambda _: closed.wait(), seconds=0.01)
    yield Topic(publisher, messages)
    publisher.close()
    closed.set()


def _parse(line: str) -> Sent:
    message = json.loads(line)
    value = line.partition('"value":')[2].removesuffix("}")
    return Sent(message["key"], list(message["headers"].items()), value.encode())
