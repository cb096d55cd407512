"""Batches of events on their way to the broker."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.events import OrderEvent
from core.ports.events import Outcome, Publisher, Receipt
from core.ports.system import Clock
from core.use_cases.relay.deliveries import Deliveries
from core.use_cases.relay.held import HeldOrder, HeldOrders, State
from core.use_cases.relay.leases import Leases
from core.use_cases.relay.marks import Marks
from core.use_cases.relay.reach import Reach, pause
from core.use_cases.relay.tasks import Tasks

log = logging.getLogger(__name__)

FRESH_SECONDS = 4.0
"""A send starts only while the lease is younger than this."""
MOST_REFUSALS = 4
"""The first, and three more when it was sent alone."""
MOST_UNMARKED_ORDERS = 10_000
"""Nothing more is sent while the marks of so many are to come."""
BATCH_ORDERS = 500
FLIGHTS = 4
"""How many batches are under way at once; the next one gathers meanwhile."""


@dataclass(slots=True)
class Flights:
    """Sends the first event of each order that is ready, many orders at a time, and says where each order goes next."""

    publisher: Publisher
    clock: Clock
    chance: Callable[[], float]
    held: HeldOrders
    deliveries: Deliveries
    leases: Leases
    marks: Marks
    reach: Reach
    tasks: Tasks
    _gathering: bool = False
    _answers: int = 0

    def gather(self) -> None:
        """Begin a flight with whatever is ready by the loop's next turn, if there is need and room for one."""
        if (
            self.held.any_ready
            and not self._gathering
            and len(self.tasks.flights) < FLIGHTS
            and len(self.deliveries) < MOST_UNMARKED_ORDERS
        ):
            self._gathering = True
            self.tasks.begin(self._fly, self.tasks.flights)

    async def _fly(self) -> None:
        self._gathering = False
        batch = self.held.take(BATCH_ORDERS)
        self.gather()
        next_states: dict[HeldOrder, State] = {}
        await self.tasks.guard(lambda: self._send_or_renew(batch, next_states))
        self._settle(batch, next_states)

    async def _send_or_renew(
        self, batch: Sequence[HeldOrder], next_states: dict[HeldOrder, State]
    ) -> None:
        oldest = self.clock.monotonic() - FRESH_SECONDS
        fresh = [held for held in batch if held.leased_at > oldest]
        stale = [held for held in batch if held.leased_at <= oldest]
        if fresh:
            await self._send(fresh, next_states)
        if self.reach.broker_away is None or not fresh:  # a probe is renewed, nothing else then
            await self.leases.claim([held.order_id for held in stale])  # rule 8
        next_states.update((held, State.READY) for held in stale if held.leased_at > oldest)

    async def _send(self, batch: Sequence[HeldOrder], next_states: dict[HeldOrder, State]) -> None:
        answers = self._answers
        events = [held.events[0] for held in batch]
        sent = list(zip(batch, events, await self.publisher.publish(events), strict=True))
        answered = sum(receipt.outcome is not Outcome.UNKNOWN for _, _, receipt in sent)
        self._answers += answered
        if answered:
            self.reach.broker_is_back()
            self.held.wake_kept()
        elif self._answers == answers:  # nor did any other batch have an answer meanwhile
            self.reach.broker_is_away(sent[0][2].reason)
            self.held.forget_idle()

        for held, event, receipt in sent:
            if receipt.outcome is Outcome.UNKNOWN:  # rule 4
                held.tries += 1
                next_states[held] = State.PAUSED
            elif receipt.outcome is Outcome.ACKNOWLEDGED:
                self.held.drop(held, event.version)
                self.deliveries.note(event.order_id, event.version)
                next_states[held] = State.UNMARKED
        self.marks.soon()
        for held, event, receipt in sent:
            if receipt.outcome is Outcome.REFUSED and not await self._set_aside(
                held, event, receipt
            ):
                next_states[held] = State.READY

    async def _set_aside(self, held: HeldOrder, event: OrderEvent, receipt: Receipt) -> bool:
        """Count a refusal; after the last, set the order aside, so that it stands in nobody's way (rule 9)."""
        if held.events[0].version != event.version:
            return False  # delivered from elsewhere meanwhile
        held.refusals += 1
        if held.refusals < MOST_REFUSALS:
            return False
        if self.deliveries.unmarked(event.order_id):
            await self.marks.mark()  # only what is the first to wait can be set aside
        if await self.leases.fail(event, receipt.reason, held.refusals):
            log.error(
                "event %s of order %s is refused for good and set aside: %s",
                event.version, event.order_id, receipt.reason,
            )  # fmt: skip
        return True

    def _settle(self, batch: Sequence[HeldOrder], next_states: Mapping[HeldOrder, State]) -> None:
        """Say where each order goes next; what cannot go now makes room for what can."""
        paused: list[HeldOrder] = []
        for held in batch:
            state = next_states.get(held)
            if self.reach.broker_away is None:
                room = state is not State.PAUSED or not self.held.crowded
                to_mark = state is State.UNMARKED and self.deliveries.unmarked(held.order_id) > 0
            else:  # one order is enough, to probe with (rule 6)
                room = self.held.kept is None and not self.held.any_ready
                to_mark = False
            if to_mark:
                held.state = State.UNMARKED
                self.marks.go_on(held)
            elif state is None or not held.events or not room:
                self.held.forget(held)
            elif state is not State.PAUSED:
                self.held.make_ready(held)
            else:
                held.state = State.PAUSED
                if self.reach.broker_away is None:
                    paused.append(held)
                else:
                    self.held.kept = held
        if paused:
            self.tasks.begin(lambda: self._resume(paused), self.tasks.others)

    async def _resume(self, paused: Sequence[HeldOrder]) -> None:
        await self.clock.sleep(pause(max(held.tries for held in paused), self.chance()))
        for held in paused:
            self.held.wake(held)
