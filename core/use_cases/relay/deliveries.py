"""What one process knows to be delivered, and an answer of storage may not tell."""

import asyncio
from collections import OrderedDict

from core.domain.ids import Id
from core.ports.storage import Outbox
from core.ports.system import Clock


class Deliveries:
    """Acknowledgements, which are lasting facts: those that storage was not told of yet, and the latest that it was.

    What storage is asked before it is told that an event is delivered, it may answer after, and bring the event again.
    The latter are bounded to those of `most` orders, and what leaves them costs a repeat at most; the former by whoever
    sends, who waits while there are many.
    """

    def __init__(self, outbox: Outbox, clock: Clock, most: int) -> None:
        self._outbox = outbox
        self._clock = clock
        self._most = most
        self._unmarked: dict[Id, tuple[int, int]] = {}
        self._told: OrderedDict[Id, tuple[int, float]] = OrderedDict()
        self._marking = asyncio.Lock()

    def __len__(self) -> int:
        """Of how many orders something is delivered and not marked."""
        return len(self._unmarked)

    def note(self, order_id: Id, version: int) -> None:
        """Remember that a version is delivered; those before it are, too."""
        first, last = self._unmarked.get(order_id, (version, version))
        self._unmarked[order_id] = first, max(last, version)

    def unmarked(self, order_id: Id) -> int:
        """Tell how many versions of an order are delivered and not marked."""
        first, last = self._unmarked.get(order_id, (1, 0))
        return last - first + 1

    def known(self, order_id: Id, asked_at: float) -> int:
        """Give the version up to which an order is delivered, though storage, asked then, may not have known."""
        version, told_at = self._told.get(order_id, (0, asked_at))
        _, last = self._unmarked.get(order_id, (0, 0))
        return max(version if told_at >= asked_at else 0, last)

    async def mark(self) -> tuple[set[Id], set[Id]]:
        """Tell storage (rule 3). Gives the orders it was told of, and those of them of which something still waits.

        What had no answer is told again by the next call. Raises `StorageUnavailable`.
        """
        async with self._marking:
            marks = {order_id: last for order_id, (_, last) in self._unmarked.items()}
            waiting = await self._outbox.mark(marks) if marks else set[Id]()
            now = self._clock.monotonic()
            for order_id, version in marks.items():
                _, last = self._unmarked.pop(order_id)
                if last > version:
                    self._unmarked[order_id] = version + 1, last
                self._told.pop(order_id, None)
                self._told[order_id] = version, now
            while len(self._told) > self._most:
                self._told.popitem(last=False)
            return set(marks), waiting
