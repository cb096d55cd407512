"""Whether the messages of one order agree with what is stored of it: the rule, without any reading."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from core.domain.events import OrderEvent

CLOCKS_APART = 60_000
"""By how many milliseconds the clocks of the machines may differ."""
FOREVER = 1 << 62


class Kind(StrEnum):
    """What can be found about an event."""

    LOST = "lost"
    """It was delivered, as storage has it, and is not on the topic."""
    INVENTED = "invented"
    """It is on the topic, and no stored change made it."""
    REORDERED = "reordered"
    """It came for the first time after a later version of its order."""
    WRONG_CONTENT = "wrong_content"
    """It is not what was stored, or its repeat is another than the first: told byte by byte."""
    REPEATED = "repeated"
    """It is on the topic more than once."""
    WAITING = "waiting"
    """It is yet to be sent."""
    DISCARDED = "discarded"
    """An operator discarded it."""
    UNKNOWN = "unknown"
    """It cannot be told, since messages have been removed from the topic."""


DISAGREEMENTS = frozenset({Kind.LOST, Kind.INVENTED, Kind.REORDERED, Kind.WRONG_CONTENT})

Findings = Mapping[Kind, Sequence[int]]
"""Versions of one order, of each kind."""
Horizon = Mapping[int, int | None]
"""For each partition from when on (milliseconds since 1970) it has every message; None where nothing was removed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How an order stood in storage when it was read."""

    version: int
    made: int
    digest: bytes
    waiting: Sequence[int] = ()
    discarded: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A message of the order: the event's version, where in the topic, when the change was made, what it says."""

    version: int
    position: int
    partition: int
    made: int
    digest: bytes


def digest(event: OrderEvent) -> bytes:
    """Give what tells an event from every other: the whole message counts."""
    head = "\n".join(f"{name}: {value}" for name, value in event.headers())
    return blake2b(head.encode() + b"\n\n" + event.change.value, digest_size=16).digest()


def milliseconds(event: OrderEvent) -> int:
    """Give when the change was made, in milliseconds since 1970."""
    return round(event.change.time.timestamp() * 1000)


def judge(
    then: Facts | None, now: Facts | None, copies: Sequence[Copy], horizon: Horizon
) -> Findings:
    """Compare an order as it stood before the topic was read, and as it stands by now, with its copies on the topic.

    The service may be at work. So what had been delivered by `then` has to be there, and what is there has to be stored
    by `now`. The copies come by version, those of one version as they lie on the topic.
    """
    return _Case(then, now, copies, horizon).judge()


def disagree(findings: Findings) -> bool:
    """Whether anything was found that should not be."""
    return not DISAGREEMENTS.isdisjoint(findings)


@dataclass(slots=True)
class _Case:
    then: Facts | None
    now: Facts | None
    copies: Sequence[Copy]
    horizon: Horizon
    first: dict[int, Copy] = field(default_factory=dict)
    findings: dict[Kind, list[int]] = field(default_factory=dict)

    def judge(self) -> Findings:
        newest = self.now.version if self.now else 0
        for copy in self.copies:
            if copy.version > newest:
                self._found(Kind.INVENTED, copy.version)
            elif copy.version in self.first:
                self._found(Kind.REPEATED, copy.version)
            else:
                self.first[copy.version] = copy
        self._judge_contents()
        self._judge_order()
        if self.then:
            self._judge_absences(self.then)
        for version in self.now.discarded if self.now else ():
            self._found(Kind.DISCARDED, version)
        return self.findings

    def _judge_contents(self) -> None:
        stored = {facts.version: facts.digest for facts in (self.then, self.now) if facts}
        for copy in self.copies:
            first = self.first.get(copy.version)
            if first and copy.digest != stored.get(copy.version, first.digest):
                self._found(Kind.WRONG_CONTENT, copy.version)

    def _judge_order(self) -> None:
        discarded = self.now.discarded if self.now else ()
        earliest = FOREVER
        for version in sorted(self.first, reverse=True):
            copy = self.first[version]
            if copy.position < earliest:
                earliest = copy.position
            elif version not in discarded:  # which may come late
                removed = self._may_be_removed(copy.made)
                self._found(Kind.UNKNOWN if removed else Kind.REORDERED, version)

    def _judge_absences(self, then: Facts) -> None:
        waiting, discarded = set(then.waiting), set(self.now.discarded if self.now else ())
        made: int | None = None
        for version in range(1, then.version + 1):
            if version in self.first:
                made = max(self.first[version].made, made or 0)
            elif version in waiting:
                self._found(Kind.WAITING, version)
            elif version not in discarded:
                at_least = then.made if version == then.version else made
                removed = self._may_be_removed(at_least)
                self._found(Kind.UNKNOWN if removed else Kind.LOST, version)

    def _may_be_removed(self, made: int | None) -> bool:
        """Whether an event may have been on the topic before what is left of it; None is a time that nobody knows.

        It was not where its change is younger than the oldest message that is left.
        """
        left = max(self._horizons(), default=None)
        return left is not None and (made is None or made <= left + CLOCKS_APART)

    def _horizons(self) -> Iterator[int]:
        """Give the horizons of the partitions that the order has messages on, or if it has none, of all."""
        partitions = {copy.partition for copy in self.copies} or self.horizon.keys()
        for partition in partitions:
            begin = self.horizon.get(partition)
            if begin is not None:
                yield begin

    def _found(self, kind: Kind, version: int) -> None:
        self.findings.setdefault(kind, []).append(version)
