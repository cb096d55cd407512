"""What one process knows to be delivered, and an answer of storage may not tell."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.ids import Id


@dataclass(slots=True)
class Deliveries:
    """Acknowledgements, which are lasting facts: those that storage was not told of yet, and the latest that it was.

    What storage is asked before it is told that an event is delivered, it may answer after, and bring the event again.
    Both parts are bounded; what leaves them costs a repeat at most.
    """

    most: int
    """Of how many orders each part remembers."""
    unmarked: dict[Id, int] = field(default_factory=dict)
    """Up to which version an order is delivered though its mark had no answer."""
    _told: OrderedDict[Id, tuple[int, float]] = field(default_factory=OrderedDict)

    def known(self, order_id: Id, asked_at: float) -> int:
        """Give the version up to which an order is delivered, though storage, asked then, may not have known."""
        version, told_at = self._told.get(order_id, (0, asked_at))
        return max(version if told_at >= asked_at else 0, self.unmarked.get(order_id, 0))

    def keep(self, marks: Mapping[Id, int]) -> None:
        """Remember marks that had no answer, to tell them later."""
        for order_id, version in marks.items():
            if len(self.unmarked) < self.most:
                self.unmarked[order_id] = max(version, self.unmarked.get(order_id, 0))

    def tell(self, marks: Mapping[Id, int], now: float) -> None:
        """Remember marks that were answered by now, in monotonic time."""
        for order_id, version in marks.items():
            if self.unmarked.get(order_id, version + 1) <= version:
                del self.unmarked[order_id]
            before, _ = self._told.pop(order_id, (0, now))
            self._told[order_id] = max(version, before), now
        while len(self._told) > self.most:
            self._told.popitem(last=False)
