"""The relay: sends the event of every change, in order for each order, whatever breaks in between.

It keeps the protocol of `docs/relay.md`, whose rules the comments number.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from random import random

from core.domain.errors import StorageUnavailable
from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.events import Outcome, Publisher, Receipt
from core.ports.storage import MOST_CLAIMED_EVENTS, Claimed, Outbox
from core.ports.system import Clock
from core.use_cases.deliveries import Deliveries
from core.use_cases.held import HeldOrder, HeldOrders, State

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]

FRESH_SECONDS = 4.0
"""A send starts only while the lease is younger than this."""
SCAN_SECONDS = 1.0
MARK_REST_SECONDS = 0.02
"""What is delivered so soon after a mark was answered is marked together."""
GIVE_UP_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
MOST_REFUSALS = 4
"""The first, and three more when it was sent alone."""
MOST_HELD_BYTES = 16 * 1024 * 1024
MOST_UNMARKED_ORDERS = 10_000
"""Nothing more is sent while the marks of so many are to come."""
MOST_UNMARKED_EVENTS = MOST_CLAIMED_EVENTS
"""Of one order: to mark each event by itself would rewrite an order of which many wait as often."""
MOST_DELIVERED_ORDERS = 10_000
BATCH_ORDERS = 500
CLAIM_ORDERS = 100
FLIGHTS = 4
"""How many batches are under way at once; the next one gathers meanwhile."""


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
        self._outbox = outbox
        self._publisher = publisher
        self._clock = clock
        self._chance = chance
        self._held = HeldOrders(MOST_HELD_BYTES, BATCH_ORDERS)
        self._deliveries = Deliveries(outbox, clock, MOST_DELIVERED_ORDERS)
        self._away: str | None = None
        self._failures = 0
        self._answers = 0
        self._kept: HeldOrder | None = None
        self._storage_away = False
        self._stopping = False
        self._gathering = False
        self._marking = False
        self._landed = asyncio.Event()
        self._flights: set[asyncio.Task[None]] = set()
        self._marks: set[asyncio.Task[None]] = set()
        self._others: set[asyncio.Task[None]] = set()

    @property
    def away(self) -> str | None:
        """Why nothing can be delivered now, or None."""
        return self._away

    def offer(self, event: OrderEvent, leased_from: int | None, leased_at: float) -> None:
        """Take an event whose write was acknowledged, if it may go from here; the scan finds it otherwise.

        `leased_from` is what storage answered; `leased_at` is monotonic time from before the write.
        """
        if not self._held.fits(event) or (self._away is not None and len(self._held)):
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
            self._go_on(held)
        self._gather()

    def start(self) -> None:
        """Begin to look for events that nobody takes care of."""
        self._spawn(self._scan, self._others)

    def claim_no_more(self) -> None:
        """Begin to stop: what was offered still goes out, but nothing more is looked for (rule 10)."""
        self._stopping = True
        for task in self._others:
            task.cancel()

    async def stop(self, seconds: float) -> None:
        """Let what is ready or under way end within `seconds`, then give up every lease (rule 10)."""
        self.claim_no_more()
        try:
            async with asyncio.timeout(seconds):
                while under_way := self._flights | self._marks:
                    await asyncio.wait(under_way)
        except TimeoutError:
            log.warning("some sends had no answer yet; what waits is sent after the next start")
            self._held.forget_idle()  # what is ready must not begin now
        if ended := self._flights | self._marks | self._others:
            for task in ended:
                task.cancel()
            await asyncio.wait(ended)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                await self._deliveries.mark()
                await self._outbox.give_up(self.who, self._clock.now())
        except (StorageUnavailable, TimeoutError):
            log.warning("leases could not be given up; they run out by themselves")

    # Finding what waits

    async def _scan(self) -> None:
        while True:
            pause = SCAN_SECONDS * (0.8 + 0.4 * self._chance())
            try:
                await self._look()
                self._storage_is(away=False)
                if self._away is not None:
                    pause = self._pause(self._failures)
            except StorageUnavailable:
                self._storage_is(away=True)
            except Exception:  # a scan that ended would hold back every event, and nobody would see
                log.exception("the scan for waiting events failed; it goes on")
            await self._clock.sleep(pause)

    async def _look(self) -> None:
        if self._deliveries and not self._marking:
            await self._mark()  # first, since a claim brings what is not marked once more
        if self._away is None:
            await self._sweep()
        else:
            await self._probe()

    async def _sweep(self) -> None:
        while self._away is None and await self._claim_due(CLAIM_ORDERS):
            while self._held.crowded:
                if not (self._flights or self._marking):
                    return  # all that is held waits for its next try, or for storage
                self._landed.clear()
                await self._landed.wait()

    async def _probe(self) -> None:
        """Try one order, another each time if there is one: the one that was tried may be the only one in trouble."""
        claimed = await self._claim_due(1)
        kept, self._kept = self._kept, None
        if kept and claimed and kept.state is State.PAUSED:
            self._held.forget(kept)
        elif kept:
            self._held.wake(kept)
            self._gather()
        while self._flights and self._away is not None:
            await asyncio.wait(self._flights)

    async def _claim_due(self, most: int) -> bool:
        leased_at = self._clock.monotonic()
        return self._take(
            await self._outbox.claim_due(self.who, self._clock.now(), most), leased_at
        )

    async def _claim(self, order_ids: Collection[Id]) -> None:
        if order_ids and not self._stopping:
            leased_at = self._clock.monotonic()
            self._take(await self._outbox.claim(self.who, self._clock.now(), order_ids), leased_at)

    def _take(self, claimed: Sequence[Claimed], leased_at: float) -> bool:
        """Hold what was claimed; tell whether that was more than what is held already.

        Processes whose clocks disagree would otherwise claim the same orders from one another without a pause.
        """
        more = False
        for claim in claimed:
            delivered = self._deliveries.known(claim.order_id, leased_at)
            if events := [event for event in claim.events if event.version > delivered]:
                more |= self._held.get(claim.order_id) is None
                self._held.hold(claim.order_id, events, leased_at)
        self._gather()
        return more

    # Sending it

    def _gather(self) -> None:
        if (
            self._held.any_ready
            and not self._gathering
            and len(self._flights) < FLIGHTS
            and len(self._deliveries) < MOST_UNMARKED_ORDERS
        ):
            self._gathering = True  # until the flight begins, in the loop's next turn, others join
            self._spawn(self._fly, self._flights)

    async def _fly(self) -> None:
        self._gathering = False
        batch = self._held.take(BATCH_ORDERS)
        self._gather()
        next_states: dict[HeldOrder, State] = {}
        await self._guard(lambda: self._send_or_renew(batch, next_states))
        self._settle(batch, next_states)

    async def _send_or_renew(
        self, batch: Sequence[HeldOrder], next_states: dict[HeldOrder, State]
    ) -> None:
        oldest = self._clock.monotonic() - FRESH_SECONDS
        fresh = [held for held in batch if held.leased_at > oldest]
        stale = [held for held in batch if held.leased_at <= oldest]
        if fresh:
            await self._send(fresh, next_states)
        if self._away is None or not fresh:  # a probe is renewed too, nothing else meanwhile
            await self._claim([held.order_id for held in stale])  # rule 8
        next_states.update((held, State.READY) for held in stale if held.leased_at > oldest)

    def _settle(self, batch: Sequence[HeldOrder], next_states: Mapping[HeldOrder, State]) -> None:
        """Say where each order goes next; what cannot go now makes room for what can."""
        paused: list[HeldOrder] = []
        for held in batch:
            state = next_states.get(held)
            if self._away is None:
                room = state is not State.PAUSED or not self._held.crowded
                to_mark = state is State.UNMARKED and self._deliveries.unmarked(held.order_id) > 0
            else:  # one order is enough, to probe with (rule 6)
                room = self._kept is None and not self._held.any_ready
                to_mark = False
            if to_mark:
                held.state = State.UNMARKED
                self._go_on(held)
            elif state is None or not held.events or not room:
                self._held.forget(held)
            elif state is not State.PAUSED:
                self._held.make_ready(held)
            else:
                held.state = State.PAUSED
                if self._away is None:
                    paused.append(held)
                else:
                    self._kept = held
        if paused:
            self._spawn(lambda: self._resume(paused), self._others)

    async def _resume(self, paused: Sequence[HeldOrder]) -> None:
        await self._clock.sleep(self._pause(max(held.tries for held in paused)))
        for held in paused:
            self._held.wake(held)
        self._gather()

    async def _send(self, batch: Sequence[HeldOrder], next_states: dict[HeldOrder, State]) -> None:
        answers = self._answers
        events = [held.events[0] for held in batch]
        sent = list(zip(batch, events, await self._publisher.publish(events), strict=True))
        answered = sum(receipt.outcome is not Outcome.UNKNOWN for _, _, receipt in sent)
        self._answers += answered
        if answered:
            self._broker_is_back()
        elif self._answers == answers:  # nor did any other batch have an answer meanwhile
            self._broker_is_away(sent[0][2].reason)

        for held, event, receipt in sent:
            if receipt.outcome is Outcome.UNKNOWN:  # rule 4
                held.tries += 1
                next_states[held] = State.PAUSED
            elif receipt.outcome is Outcome.ACKNOWLEDGED:
                self._held.drop(held, event.version)
                self._deliveries.note(event.order_id, event.version)
                next_states[held] = State.UNMARKED
        self._mark_soon()
        for held, event, receipt in sent:
            if receipt.outcome is Outcome.REFUSED and not await self._set_aside(
                held, event, receipt
            ):
                next_states[held] = State.READY

    def _go_on(self, held: HeldOrder) -> None:
        """Let the next event of an order go before those that are delivered are marked, unless they are too many."""
        unmarked = self._deliveries.unmarked(held.order_id)
        if held.state is State.UNMARKED and held.events and unmarked < MOST_UNMARKED_EVENTS:
            self._held.make_ready(held)

    # Marking what is delivered

    def _mark_soon(self) -> None:
        if self._deliveries and not self._marking:
            self._marking = True
            self._spawn(self._mark_and_rest, self._marks)

    async def _mark_and_rest(self) -> None:
        resting = False
        try:
            await self._mark()
            resting = not self._stopping
        finally:
            self._marking = resting
        if resting:
            self._spawn(self._rest, self._others)
        else:
            self._mark_soon()

    async def _rest(self) -> None:
        """Leave what is delivered next to one mark: at once, each would take a command of its own."""
        try:
            await self._clock.sleep(MARK_REST_SECONDS)
        finally:
            self._marking = False
        self._mark_soon()

    async def _mark(self) -> None:
        """Mark what is delivered; claim what waits behind it and is not held here (rule 7)."""
        marked, waiting = await self._deliveries.mark()
        for order_id in marked:
            held = self._held.get(order_id)
            if held is None:
                continue
            if held.events or self._deliveries.unmarked(order_id):
                waiting.discard(order_id)
                self._go_on(held)
            else:
                self._held.forget(held)
        self._landed.set()
        self._gather()
        if waiting and self._away is None:  # else the scan finds it when the broker is back
            self._spawn(lambda: self._claim(waiting), self._others)

    # Refusals

    async def _set_aside(self, held: HeldOrder, event: OrderEvent, receipt: Receipt) -> bool:
        """Count a refusal; after the last, set the order aside, so that it stands in nobody's way (rule 9)."""
        if held.events[0].version != event.version:
            return False  # delivered from elsewhere meanwhile
        held.refusals += 1
        if held.refusals < MOST_REFUSALS:
            return False
        if self._deliveries.unmarked(event.order_id):
            await self._mark()  # only what is the first to wait can be set aside
        if await self._outbox.fail(
            self.who, event, receipt.reason, self._clock.now(), held.refusals
        ):
            log.error(
                "event %s of order %s is refused for good and set aside: %s",
                event.version, event.order_id, receipt.reason,
            )  # fmt: skip
        return True

    # What is away, told once for each change

    def _broker_is_away(self, reason: str) -> None:
        if self._away is None:
            log.warning("events wait: %s", reason)
        self._away = reason
        self._failures += 1
        self._held.forget_idle()
        self._kept = None

    def _broker_is_back(self) -> None:
        if self._away is not None:
            log.info("events flow again")
        self._away, self._failures = None, 0
        if self._kept:
            self._held.wake(self._kept)
            self._kept = None

    def _storage_is(self, *, away: bool) -> None:
        if away and not self._storage_away:
            log.warning("storage is away; the relay goes on when it is back")
        elif self._storage_away and not away:
            log.info("storage is back")
        self._storage_away = away

    def _pause(self, tries: int) -> float:
        """Double the pause with each try, up to the longest, and let chance shorten it by up to a half."""
        return min(FIRST_PAUSE_SECONDS * 2.0 ** min(tries, 10), LONGEST_PAUSE_SECONDS) * (
            1 - 0.5 * self._chance()
        )

    def _spawn(self, work: Work, tasks: set[asyncio.Task[None]]) -> None:
        def end(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            self._landed.set()
            self._gather()

        task = asyncio.create_task(self._guard(work))
        tasks.add(task)
        task.add_done_callback(end)

    async def _guard(self, work: Work) -> None:
        """Do a part of the work; whatever goes wrong ends that part alone."""
        try:
            await work()
        except StorageUnavailable:
            self._storage_is(away=True)
        except Exception:  # nobody would see it, and the scan finds what was given up
            log.exception("sending events failed; they are sent again")
