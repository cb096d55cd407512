"""The relay: sends the event of every change, in order for each order, whatever breaks in between.

It keeps the protocol of `docs/relay.md`, whose rules the comments number.
"""

import asyncio
import logging
from collections.abc import Callable
from random import random

from core.domain.errors import StorageUnavailable
from core.domain.events import OrderEvent
from core.ports.events import Publisher
from core.ports.storage import Outbox
from core.ports.system import Clock
from core.use_cases.relay.deliveries import Deliveries
from core.use_cases.relay.flights import BATCH_ORDERS, Flights
from core.use_cases.relay.held import HeldOrders, State
from core.use_cases.relay.leases import Leases
from core.use_cases.relay.marks import Marks
from core.use_cases.relay.reach import Reach, pause
from core.use_cases.relay.tasks import Tasks

log = logging.getLogger(__name__)

SCAN_SECONDS = 1.0
GIVE_UP_SECONDS = 0.5
MOST_HELD_BYTES = 16 * 1024 * 1024
MOST_DELIVERED_ORDERS = 10_000
CLAIM_ORDERS = 100


class Relay:
    """One process's part in sending what waits. `who` is its own name, made anew at each start of a process."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: Publisher,
        clock: Clock,
        who: str,
        chance: Callable[[], float] = random,
    ) -> None:
        self.who = who
        self._clock = clock
        self._chance = chance
        self._went_on = asyncio.Event()
        self._reach = Reach()
        self._tasks = Tasks(self._reach, on_end=self._go_on)
        self._held = HeldOrders(MOST_HELD_BYTES, BATCH_ORDERS, on_ready=self._gather)
        self._deliveries = Deliveries(outbox, clock, MOST_DELIVERED_ORDERS)
        self._leases = Leases(who, outbox, clock, self._held, self._deliveries)
        self._marks = Marks(
            self._deliveries,
            self._held,
            self._leases,
            clock,
            self._reach,
            self._tasks,
            on_mark=self._go_on,
        )
        self._flights = Flights(
            publisher,
            clock,
            chance,
            self._held,
            self._deliveries,
            self._leases,
            self._marks,
            self._reach,
            self._tasks,
        )

    @property
    def away(self) -> str | None:
        """Why nothing can be delivered now, or None."""
        return self._reach.broker_away

    def offer(self, event: OrderEvent, leased_from: int | None, leased_at: float) -> None:
        """Take an event whose write was acknowledged, if it may go from here; the scan finds it otherwise.

        `leased_from` is what storage answered; `leased_at` is monotonic time from before the write.
        """
        if not self._held.fits(event) or (self.away is not None and len(self._held)):
            return  # while the broker is away one order is enough
        held = self._held.get(event.order_id)
        newest = held.events[-1].version if held and held.events else 0
        newest = max(newest, self._deliveries.known(event.order_id, leased_at))
        if event.version <= newest:
            return  # a claim (rule 7) saw it before its writer had the answer
        if leased_from == event.version:  # rule 5 (i): nothing older waits
            self._held.hold(event.order_id, [event], leased_at)
        elif held and newest == event.version - 1:  # (ii)
            self._held.append(held, event)
            self._marks.go_on(held)

    def start(self) -> None:
        """Begin to look for events that nobody takes care of."""
        self._tasks.begin(self._scan, self._tasks.others)

    def claim_no_more(self) -> None:
        """Begin to stop: what was offered still goes out, but nothing more is looked for (rule 10)."""
        self._leases.stopping = True
        for task in self._tasks.others:
            task.cancel()

    async def stop(self, seconds: float) -> None:
        """Let what is ready or under way end within `seconds`, then give up every lease (rule 10)."""
        self.claim_no_more()
        try:
            async with asyncio.timeout(seconds):
                await self._tasks.finish()
        except TimeoutError:
            log.warning("some sends had no answer yet; what waits is sent after the next start")
            self._held.forget_idle()  # what is ready must not begin now
        await self._tasks.cancel()
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await self._deliveries.mark()
                await self._leases.give_up()
        except (StorageUnavailable, TimeoutError):
            log.warning("leases could not be given up; they run out by themselves")

    async def _scan(self) -> None:
        while True:
            seconds = SCAN_SECONDS * (0.8 + 0.4 * self._chance())
            try:
                await self._look()
                self._reach.storage_is(away=False)
                if self.away is not None:
                    seconds = pause(self._reach.failures, self._chance())
            except StorageUnavailable:
                self._reach.storage_is(away=True)
            except Exception:  # a scan that ended would hold back every event, and nobody would see
                log.exception("the scan for waiting events failed; it goes on")
            await self._clock.sleep(seconds)

    async def _look(self) -> None:
        if self._deliveries and not self._marks.busy:
            await self._marks.mark()  # first, since a claim brings what is not marked once more
        if self.away is None:
            await self._sweep()
        else:
            await self._probe()

    async def _sweep(self) -> None:
        while self.away is None and await self._leases.claim_due(CLAIM_ORDERS):
            while self._held.crowded:
                if not (self._tasks.flights or self._marks.busy):
                    return  # all that is held waits for its next try, or for storage
                self._went_on.clear()
                await self._went_on.wait()

    async def _probe(self) -> None:
        """Try one order, another each time if there is one: the one that was tried may be the only one in trouble."""
        claimed = await self._leases.claim_due(1)
        kept = self._held.kept
        if kept and claimed and kept.state is State.PAUSED:
            self._held.kept = None
            self._held.forget(kept)
        else:
            self._held.wake_kept()
        while self._tasks.flights and self.away is not None:
            await asyncio.wait(self._tasks.flights)

    def _go_on(self) -> None:
        self._went_on.set()
        self._gather()

    def _gather(self) -> None:
        self._flights.gather()
