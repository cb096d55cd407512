"""Telling storage what is delivered."""

from collections.abc import Callable
from dataclasses import dataclass

from core.ports.storage import MOST_CLAIMED_EVENTS
from core.ports.system import Clock
from core.use_cases.relay.deliveries import Deliveries
from core.use_cases.relay.held import HeldOrder, HeldOrders, State
from core.use_cases.relay.leases import Leases
from core.use_cases.relay.reach import Reach
from core.use_cases.relay.tasks import Tasks

MARK_REST_SECONDS = 0.02
"""What is delivered so soon after a mark was answered is marked together."""
MOST_UNMARKED_EVENTS = MOST_CLAIMED_EVENTS
"""Of one order: to mark each event by itself would rewrite an order of which many wait as often."""


@dataclass(slots=True)
class Marks:
    """Marks what is delivered, one command at a time; `on_mark` is called after each."""

    deliveries: Deliveries
    held: HeldOrders
    leases: Leases
    clock: Clock
    reach: Reach
    tasks: Tasks
    on_mark: Callable[[], None]
    busy: bool = False
    """A mark is under way or was answered just now; what is delivered meanwhile is marked after it."""

    def soon(self) -> None:
        """Mark what is delivered, in the background."""
        if self.deliveries and not self.busy:
            self.busy = True
            self.tasks.begin(self._mark_and_rest, self.tasks.marks)

    async def mark(self) -> None:
        """Mark what is delivered; claim what waits behind it and is not held here (rule 7).

        Raises `StorageUnavailable`.
        """
        marked, waiting = await self.deliveries.mark()
        for order_id in marked:
            held = self.held.get(order_id)
            if held is None:
                continue
            if held.events or self.deliveries.unmarked(order_id):
                waiting.discard(order_id)
                self.go_on(held)
            else:
                self.held.forget(held)
        self.on_mark()
        if waiting and self.reach.broker_away is None:  # else the scan finds it later
            self.tasks.begin(lambda: self.leases.claim(waiting), self.tasks.others)

    def go_on(self, held: HeldOrder) -> None:
        """Let the next event of an order go before those that are delivered are marked, unless they are too many."""
        unmarked = self.deliveries.unmarked(held.order_id)
        if held.state is State.UNMARKED and held.events and unmarked < MOST_UNMARKED_EVENTS:
            self.held.make_ready(held)

    async def _mark_and_rest(self) -> None:
        resting = False
        try:
            await self.mark()
            resting = not self.leases.stopping
        finally:
            self.busy = resting
        if resting:
            self.tasks.begin(self._rest, self.tasks.others)
        else:
            self.soon()

    async def _rest(self) -> None:
        """Leave what is delivered next to one mark: at once, each would take a command of its own."""
        try:
            await self.clock.sleep(MARK_REST_SECONDS)
        finally:
            self.busy = False
        self.soon()
