"""Each of the rules that carry the promise is needed: a process that lacks one breaks it, and the machine finds how."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, settings

from adapters.outbound.memory import MemoryStorage, MemoryStorageSettings
from adapters.outbound.memory.backlog import MemoryBacklog
from adapters.outbound.memory.orders import MemoryOrders, Records
from core.domain.errors import StorageUnavailable
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.events import Outcome, Publisher, Receipt
from core.ports.storage import LEASE, Claimed, Outbox, Written
from core.use_cases.relay import Relay
from tests.contract.relay.connection import ConnectedOrders, ConnectedOutbox
from tests.contract.relay.history import run_histories
from tests.contract.relay.judge import Wrong
from tests.contract.relay.process import Process

SETTINGS = settings(
    max_examples=1_000,
    stateful_step_count=50,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)


class SilenceIsConsent(Process):
    """Sends events of creates that nobody acknowledged."""

    class Orders(ConnectedOrders):
        async def add(self, order: Order, change: Change, who: str) -> None:
            with suppress(StorageUnavailable):
                await super().add(order, change, who)

    orders_type = Orders


class SendsAtOnce(Process):
    """Sends at once what it wrote, whether or not the version before is delivered."""

    class AtOnce(Relay):
        outbox: Outbox
        publisher: Publisher
        sending: set[asyncio.Task[None]]

        def offer(self, event: OrderEvent, leased_from: int | None, leased_at: float) -> None:
            self.sending.add(asyncio.create_task(self.send_alone(event)))

        async def send_alone(self, event: OrderEvent) -> None:
            (receipt,) = await self.publisher.publish([event])
            if receipt.outcome is Outcome.ACKNOWLEDGED:
                with suppress(StorageUnavailable):
                    await self.outbox.mark({event.order_id: event.version})

    def make_relay(self, outbox: Outbox, publisher: Publisher, who: str) -> Relay:
        relay = self.AtOnce(outbox, publisher, self, who)
        relay.outbox, relay.publisher, relay.sending = outbox, publisher, set()
        return relay


class MarksFirst(Process):
    """Marks what it is about to send. It updates nothing, so that what is lost is not told as overtaken."""

    async def update(self, order_id: Id) -> None:
        """Do nothing."""

    def make_relay(self, outbox: Outbox, publisher: Publisher, who: str) -> Relay:
        return super().make_relay(outbox, MarkingPublisher(outbox, publisher), who)


@dataclass
class MarkingPublisher:
    """Marks what it is about to send."""

    outbox: Outbox
    publisher: Publisher

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        await self.outbox.mark({event.order_id: event.version for event in events})
        return await self.publisher.publish(events)

    async def check(self) -> None:
        await self.publisher.check()


class NeverLooks(Process):
    """Sends what it holds, and looks for nothing else."""

    class Unscanning(Relay):
        def start(self) -> None:
            """Begin nothing."""

    def make_relay(self, outbox: Outbox, publisher: Publisher, who: str) -> Relay:
        return self.Unscanning(outbox, publisher, self, who)


class KnowsNoLease(Process):
    """Claims whatever waits, as if every lease were past."""

    class Outbox(ConnectedOutbox):
        async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
            return await super().claim_due(who, now + LEASE, most)

    outbox_type = Outbox


class CountsByItself(Process):
    """Counts versions itself, from what it reads before it writes."""

    class Orders(ConnectedOrders):
        async def replace(self, order: Order, change: Change, who: str) -> Written | None:
            present = await self.run(lambda: self.orders.get(order.id))
            assert present
            return await super().replace(order.at(present.version), change, who)

    orders_type = Orders


class TrustingOrders(MemoryOrders):
    """Gives an order the version after the one that the writer says it has."""

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        self._records[order.id].order = order
        return await super().replace(order, change, who)


@asynccontextmanager
async def trusting_storage() -> AsyncIterator[MemoryStorage]:
    storage, records = MemoryStorage(), Records()
    storage.orders, storage.backlog = TrustingOrders(records), MemoryBacklog(records)
    yield storage


@pytest.mark.parametrize(
    ("lacking", "wrong"),
    [
        (SilenceIsConsent, Wrong.INVENTED),
        (SendsAtOnce, Wrong.OUT_OF_ORDER),
        (MarksFirst, Wrong.LOST),
        (NeverLooks, Wrong.LOST),
        (KnowsNoLease, Wrong.SENT_TWICE),
    ],
)
def test_it_is_found_what_goes_wrong_with(lacking: type[Process], wrong: Wrong) -> None:
    with pytest.raises(AssertionError, match=f"^{wrong}: "):
        run_histories(SETTINGS, MemoryStorageSettings().open, lacking)


def test_it_is_found_that_versions_are_given_twice_unless_storage_counts_them() -> None:
    with pytest.raises(AssertionError, match=f"^{Wrong.SAME_VERSION}: "):
        run_histories(SETTINGS, trusting_storage, CountsByItself)
