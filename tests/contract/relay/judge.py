"""Knows what was stored and what came to the topic, and finds every promise that is broken."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.storage import LEASE, Claimed


class Wrong(StrEnum):
    """What can be wrong."""

    LOST = "lost"
    INVENTED = "invented"
    OUT_OF_ORDER = "out of order"
    SENT_TWICE = "sent twice"
    SAME_VERSION = "two versions the same"
    A_BUG = "a bug"


@dataclass
class Judge:
    """`written` are the values that each order's versions were stored with, `delivered` its newest on the topic.

    An event is repeated at most as often as it was sent without an answer or its lease ran out, and never as long as
    there was no `fault`; where the processes' clocks disagree repeats are not counted.
    """

    written: dict[Id, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    delivered: dict[Id, int] = field(default_factory=lambda: defaultdict(int))
    fault: bool = False
    clocks_agree: bool = True
    found: list[str] = field(default_factory=list)
    _taken: list[OrderEvent] = field(default_factory=list)
    _leases: dict[Id, tuple[str, datetime]] = field(default_factory=dict)
    _excused: Counter[tuple[Id, int]] = field(default_factory=Counter)

    def find(self, wrong: Wrong, what: object) -> None:
        """Remember that something is wrong."""
        self.found.append(f"{wrong}: {what}")

    def check(self) -> None:
        """Raise `AssertionError` with what was found wrong first, if anything was; nothing may be under way."""
        for event in self._taken:
            if event.change.value != self.written[event.order_id].get(event.version):
                self.find(Wrong.INVENTED, (event.order_id, event.version))
        self._taken.clear()
        assert not self.found, self.found[0]

    def check_the_end(self) -> None:
        """Likewise, where everything should have been delivered."""
        for order_id, values in self.written.items():
            if sorted(values) != list(range(1, len(values) + 1)):
                self.find(Wrong.SAME_VERSION, f"{order_id} has versions {sorted(values)}")
            if self.delivered[order_id] < len(values):
                self.find(Wrong.LOST, f"{order_id} after version {self.delivered[order_id]}")
        self.check()

    # What happens at storage

    def store(self, order_id: Id, version: int, value: bytes) -> None:
        """A version was stored."""
        if version in self.written[order_id]:
            self.find(Wrong.SAME_VERSION, f"{version} of {order_id}")
        self.written[order_id][version] = value

    def lease(self, order_id: Id, who: str, since: datetime) -> None:
        """A write took the lease."""
        self._leases[order_id] = who, since + LEASE

    def claim(self, who: str, since: datetime, claims: Iterable[Claimed], now: datetime) -> None:
        """Orders were claimed, which happened `now`."""
        for claim in claims:
            _, until = self._leases.get(claim.order_id, (who, None))
            if until and until <= now:
                self._excused.update((event.order_id, event.version) for event in claim.events)
            self.lease(claim.order_id, who, since)

    def give_up(self, who: str) -> None:
        """A process gave its leases up, so that they do not run out."""
        self._leases = {order: lease for order, lease in self._leases.items() if lease[0] != who}

    # What happens at the broker

    def take(self, event: OrderEvent) -> None:
        """An event came to the topic."""
        this = event.order_id, event.version
        delivered = self.delivered[event.order_id]
        self._taken.append(event)
        if event.version > delivered + 1:
            self.find(Wrong.OUT_OF_ORDER, f"{this} came after {delivered}")
        if event.version <= delivered and self.clocks_agree:
            self._excused[this] -= 1
            if self._excused[this] < 0 or not self.fault:
                self.find(Wrong.SENT_TWICE, this)
        self.delivered[event.order_id] = max(event.version, delivered)

    def leave_unanswered(self, event: OrderEvent) -> None:
        """A sender was told that nobody knows what became of an event."""
        self._excused[event.order_id, event.version] += 1
