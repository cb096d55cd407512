"""Events as lines of JSON on standard output: for trying the service out, and, given another `write`, for tests."""

import asyncio
import json
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

from core.domain.errors import EventsUnavailable
from core.domain.events import OrderEvent
from core.ports.events import Outcome, Receipt
from core.ports.plugins import PORTS_VERSION, Environment, Feature

STANDARD_OUTPUT = 1
WRITE_SECONDS = 3.0
"""How long a line may take, since the reader of a pipe may stop reading."""
NOT_TAKEN = "standard output does not take what is written"
CLOSED = "standard output is closed"


def to_line(topic: str, event: OrderEvent) -> str:
    """Give an event as one line of JSON: `topic`, `key`, `headers` as one object of strings, `value` as it is."""
    headers = json.dumps(dict(event.headers()))
    value = event.change.value.decode()
    return f'{{"topic":{json.dumps(topic)},"key":"{event.order_id}","headers":{headers},"value":{value}}}\n'


class MemoryPublisher:
    """The port `Publisher`, on a function that takes text and returns once it is written."""

    def __init__(
        self, topic: str, write: Callable[[str], object], seconds: float = WRITE_SECONDS
    ) -> None:
        self._topic = topic
        self._write = write
        self._seconds = seconds
        self._writing: asyncio.Future[OSError | None] | None = None
        self._late = False
        # Daemonic, since a write to a pipe that nobody reads never ends, and must hold up neither request nor stop.
        self._lines: queue.SimpleQueue[tuple[str, asyncio.Future[OSError | None]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._work, name="events", daemon=True)
        self._thread.start()

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        text = "".join(to_line(self._topic, event) for event in events)
        try:
            async with asyncio.timeout(self._seconds):
                while self._writing is not None and not self._writing.done():
                    await asyncio.wait({self._writing})
                self._writing = asyncio.get_running_loop().create_future()
                self._lines.put((text, self._writing))
                error = await asyncio.shield(self._writing)
        except TimeoutError:
            self._late = True
            return [Receipt(Outcome.UNKNOWN, NOT_TAKEN)] * len(events)
        self._late = False
        if error is not None:
            return [Receipt(Outcome.UNKNOWN, CLOSED)] * len(events)
        return [Receipt(Outcome.ACKNOWLEDGED)] * len(events)

    async def check(self) -> None:
        if self._writing is None:
            return
        if not self._writing.done():
            if self._late:
                raise EventsUnavailable(NOT_TAKEN)
        elif self._writing.result() is not None:
            raise EventsUnavailable(CLOSED)

    def close(self) -> None:
        """Let the thread end once what it writes is written."""
        self._lines.put(None)

    def _work(self) -> None:
        while (job := self._lines.get()) is not None:
            text, written = job
            error: OSError | None = None
            try:
                self._write(text)
            except OSError as failure:
                error = failure
            loop = written.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(written.set_result, error)


def _write(descriptor: int, text: str) -> None:
    """Write all of it, past Python's buffer, whose rest would fail once more at exit on a closed pipe."""
    data = text.encode()
    while data:
        data = data[os.write(descriptor, data) :]


@dataclass(frozen=True, slots=True)
class MemoryEventsSettings:
    """The entry point `memory` of `orderport.events`; the topic's name is only printed."""

    topic: str
    descriptor: int = STANDARD_OUTPUT
    seconds: float = WRITE_SECONDS

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar[frozenset[Feature]] = frozenset()

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls(environment.get("ORDERPORT_KAFKA_TOPIC", "orders"))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MemoryPublisher]:
        publisher = MemoryPublisher(self.topic, partial(_write, self.descriptor), self.seconds)
        try:
            yield publisher
        finally:
            publisher.close()
