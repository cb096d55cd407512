"""Judges a run: what clients were told, what storage holds and what the topic carries have to agree.

It is pure and knows no client, driver or broker; each is boiled down to the records below.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Told(StrEnum):
    """What a client was told of a request."""

    DONE = "done"
    UNKNOWN = "unknown"
    """A 503 `storage_unavailable`, or no answer at all: stored with its event, or neither."""
    REFUSED = "refused"
    """Any other error: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Request:
    """A create or an update; `mark` is a text in the order that no other request asks for.

    `order_id` is None for a create without an answer, `version` unless it was done.
    """

    mark: str
    told: Told
    order_id: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An order as storage holds it in the end."""

    version: int
    mark: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the topic; `content` is all of it that a repeat has to share: key, headers and value."""

    partition: int
    order_id: str
    version: int
    mark: str
    content: bytes

    @property
    def event_id(self) -> str:
        """What the contract names `ce_id`."""
        return event_id(self.order_id, self.version)


@dataclass(slots=True)
class Verdict:
    """What is wrong, a line each, and what was counted."""

    told: Counter[Told]
    orders: int
    events: int = 0
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)
    unexcused: list[str] = field(default_factory=list)
    """Repeats beyond what was allowed of their event."""

    @property
    def faults(self) -> list[str]:
        """All that is wrong."""
        return [*self.lost, *self.invented, *self.reordered, *self.unexcused]

    def __str__(self) -> str:
        told = ", ".join(f"{self.told[told]} {told}" for told in Told)
        return (
            f"requests {self.told.total()} ({told}), orders {self.orders}, events {self.events}: "
            f"lost {len(self.lost)}, invented {len(self.invented)}, reordered {len(self.reordered)}, "
            f"repeats {self.repeats.total()} ({len(self.unexcused)} events beyond their allowance)"
        )


Firsts = Mapping[tuple[str, int], Message]
"""The first delivery of each version of each order."""


def event_id(order_id: str, version: int) -> str:
    """Give the id that the contract prescribes for an event."""
    return f"{order_id}-{version:010d}"


def judge(
    requests: Sequence[Request],
    stored: Mapping[str, Stored],
    messages: Iterable[Message],
    allowance: Mapping[str, int],
) -> Verdict:
    """Judge a run that has come to rest. `messages` come in the order of their offsets within each partition.

    `allowance` says for each event, by its id, how many repeats are excused; without an entry none is.
    """
    verdict = Verdict(Counter(request.told for request in requests), len(stored))
    firsts = _deliver(messages, verdict)
    _find_lost(requests, stored, firsts, verdict)
    _find_invented(requests, stored, firsts, verdict)
    verdict.unexcused = [
        f"{event} was repeated {count} times, allowed are {allowance.get(event, 0)}"
        for event, count in verdict.repeats.items()
        if count > allowance.get(event, 0)
    ]
    return verdict


def _deliver(messages: Iterable[Message], verdict: Verdict) -> Firsts:
    """Read the topic as a consumer does: find first deliveries, gaps before them, and repeats."""
    firsts: dict[tuple[str, int], Message] = {}
    latest: dict[str, int] = defaultdict(int)
    partitions: dict[str, int] = {}
    for message in messages:
        verdict.events += 1
        order, version = message.order_id, message.version
        if partitions.setdefault(order, message.partition) != message.partition:
            verdict.reordered.append(f"{message.event_id} is on another partition than its order")
        if first := firsts.get((order, version)):
            verdict.repeats[message.event_id] += 1
            if message.content != first.content:
                verdict.invented.append(f"{message.event_id} was repeated with another content")
            continue
        firsts[order, version] = message
        if version != latest[order] + 1:
            verdict.reordered.append(f"{message.event_id} came first after {latest[order]}")
        latest[order] = max(latest[order], version)
    return firsts


def _find_lost(
    requests: Sequence[Request], stored: Mapping[str, Stored], firsts: Firsts, verdict: Verdict
) -> None:
    for order_id, order in stored.items():
        verdict.lost += [
            f"{event_id(order_id, version)} is stored and was never delivered"
            for version in range(1, order.version + 1)
            if (order_id, version) not in firsts
        ]
    for request in requests:
        if request.order_id is None or request.version is None:
            continue
        order_now = stored.get(request.order_id)
        if order_now is None or order_now.version < request.version:
            change = event_id(request.order_id, request.version)
            verdict.lost.append(f"{change} was answered and is not stored")


def _find_invented(
    requests: Sequence[Request], stored: Mapping[str, Stored], firsts: Firsts, verdict: Verdict
) -> None:
    asked = {request.mark: request for request in requests}
    answered = {
        (request.order_id, request.version): request.mark
        for request in requests
        if request.told is Told.DONE
    }
    if len(answered) < verdict.told[Told.DONE]:
        verdict.invented.append("one version was answered to two requests")
    made: set[str] = set()
    for (order_id, version), message in firsts.items():
        why = None
        order, request = stored.get(order_id), asked.get(message.mark)
        if order is None or version > order.version:
            why = "is not stored"
        elif version == order.version and message.mark != order.mark:
            why = "differs from what is stored"
        elif request is None or request.told is Told.REFUSED:
            why = "was asked for by nobody, or refused"
        elif request.order_id not in (None, order_id) or request.version not in (None, version):
            why = "was answered as another one"
        elif answered.get((order_id, version), message.mark) != message.mark:
            why = "differs from what was answered"
        elif message.mark in made:
            why = "is a second change for one request"
        made.add(message.mark)
        if why:
            verdict.invented.append(f"{message.event_id} {why}")
