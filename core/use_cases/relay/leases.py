"""The orders that this process has the lease of, or asks storage for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.storage import Claimed, Outbox
from core.ports.system import Clock
from core.use_cases.relay.deliveries import Deliveries
from core.use_cases.relay.held import HeldOrders


@dataclass(slots=True)
class Leases:
    """Claims orders for `who`, and holds what a claim brings. All raise `StorageUnavailable`."""

    who: str
    outbox: Outbox
    clock: Clock
    held: HeldOrders
    deliveries: Deliveries
    stopping: bool = False
    """Nothing is claimed any more (rule 10)."""

    async def claim_due(self, most: int) -> bool:
        """Claim orders that nobody takes care of; tell whether that was more than what is held already."""
        leased_at = self.clock.monotonic()
        claimed = await self.outbox.claim_due(self.who, self.clock.now(), most)
        return self._take(claimed, leased_at)

    async def claim(self, order_ids: Collection[Id]) -> None:
        """Claim or renew those of these orders that can be."""
        if order_ids and not self.stopping:
            leased_at = self.clock.monotonic()
            claimed = await self.outbox.claim(self.who, self.clock.now(), order_ids)
            self._take(claimed, leased_at)

    async def fail(self, event: OrderEvent, reason: str, tries: int) -> bool:
        """Set an order aside, as the port `Outbox` does."""
        return await self.outbox.fail(self.who, event, reason, self.clock.now(), tries)

    async def give_up(self) -> None:
        """Let others have every order."""
        await self.outbox.give_up(self.who, self.clock.now())

    def _take(self, claimed: Sequence[Claimed], leased_at: float) -> bool:
        """Hold what was claimed; tell whether that was more than what is held already.

        Processes whose clocks disagree would otherwise claim the same orders from one another without a pause.
        """
        more = False
        for claim in claimed:
            delivered = self.deliveries.known(claim.order_id, leased_at)
            if events := [event for event in claim.events if event.version > delivered]:
                more |= self.held.get(claim.order_id) is None
                self.held.hold(claim.order_id, events, leased_at)
        return more
