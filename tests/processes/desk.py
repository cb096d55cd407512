"""The desk of an operator: storage and a topic in any state, on real servers, and the commands as processes."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from adapters.outbound.kafka import KafkaSettings
from adapters.outbound.kafka.publisher import KafkaPublisher
from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.system import SystemClock, new_id
from core.domain.events import Change, EventType, OrderEvent
from core.domain.orders import Item, Order
from core.ports.events import Outcome
from tests.harness.process import BIN, REPOSITORY, environment, run_to_end

ORDERPORT = BIN / "orderport"
WHO = "someone"
REASON = "too large for topic orders"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECONDS = 20.0
# Takes standard input as the terminal whose keys send signals.
ON_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)

Ended = subprocess.CompletedProcess[str]


@dataclass
class Desk:
    """No process of the service runs: what is stored and sent here stays as it is."""

    settings: Mapping[str, str]
    storage: MongoStorage
    publisher: KafkaPublisher

    async def place(self, versions: int = 1, ago: timedelta = timedelta(0)) -> Sequence[OrderEvent]:
        """Store an order of so many versions, the first of that long ago; give its events, all of which wait."""
        order = Order(new_id(), new_id(), Decimal("12.50"), (Item(new_id(), 2),), "new")
        time = SystemClock().now() - ago
        created = Change(EventType.CREATED, time, TRACE, order.to_json())
        await self.storage.orders.add(order, created, WHO)
        events = [OrderEvent(order.id, 1, created)]
        for _ in range(versions - 1):
            updated = Change(EventType.UPDATED, SystemClock().now(), None, order.to_json())
            written = await self.storage.orders.replace(order, updated, WHO)
            assert written
            events.append(OrderEvent(order.id, written.version, updated))
        return events

    async def set_aside(self, versions: int = 1) -> Sequence[OrderEvent]:
        """Store an order whose first version was refused."""
        events = await self.place(versions)
        now = SystemClock().now()
        assert await self.storage.outbox.fail(WHO, events[0], REASON, now, 4)
        return events

    async def deliver(self, versions: int = 1) -> Sequence[OrderEvent]:
        """Store an order all of whose versions are on the topic."""
        events = await self.place(versions)
        await self.send(*events)
        await self.mark(events[-1])
        return events

    async def send(self, *events: OrderEvent) -> None:
        """Put events on the topic, one after the other."""
        for event in events:
            (receipt,) = await self.publisher.publish([event])
            assert receipt.outcome is Outcome.ACKNOWLEDGED, receipt

    async def mark(self, event: OrderEvent) -> None:
        """Have storage take this version, and those before it, for delivered."""
        await self.storage.outbox.mark({event.order_id: event.version})

    async def run(self, *arguments: str, **changes: str) -> Ended:
        """Run a command to its end, nobody at the terminal, with some of the settings changed."""
        settings = {**self.settings, **changes}
        return await asyncio.to_thread(run_to_end, settings, (ORDERPORT, *arguments))

    async def run_on_terminal(self, *arguments: str, keys: str) -> Ended:
        """Run a command that asks, and press these keys then; its standard error is the terminal's."""
        return await asyncio.to_thread(self._run_on_terminal, arguments, keys)

    def _run_on_terminal(self, arguments: Sequence[str], keys: str) -> Ended:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", ON_TERMINAL, str(ORDERPORT), *arguments]
        with subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment(self.settings),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        ) as process:
            os.close(theirs)
            shown = ""
            try:
                while "[y/N]" not in shown:
                    shown += os.read(ours, 4_096).decode()
                os.write(ours, keys.encode())
                output, _ = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
                os.close(ours)
        return Ended(arguments, process.returncode, output, shown)


@asynccontextmanager
async def open_desk(settings: Mapping[str, str]) -> AsyncIterator[Desk]:
    """Open the storage and the topic of these settings."""
    async with (
        MongoSettings.from_environment(settings).open() as storage,
        KafkaSettings.from_environment(settings).open() as publisher,
    ):
        await storage.prepare()
        yield Desk(settings, storage, publisher)


def documents(ended: Ended) -> list[dict[str, Any]]:
    """Give the lines of JSON that a command printed."""
    return [json.loads(line) for line in ended.stdout.splitlines()]


def rows(ended: Ended) -> list[list[str]]:
    """Give the rows of the table that a command printed, their cells apart at two spaces."""
    lines = [line.strip() for line in ended.stdout.splitlines()]
    _, _, *found = [line for line in lines if line]
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in found]


def moment(text: str) -> datetime:
    """Read a time that a command printed, which is in UTC."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)
