"""Events: each change of an order, as the world hears of it.

They are CloudEvents 1.0 in the binary mode of the Kafka protocol binding, with the extension `sequence`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from core.domain.ids import Id, parse_id

SOURCE = "/orderport"
SEQUENCE_DIGITS = 10

# W3C Trace Context, section 3.2: a version other than ff, then ids that are not all zeros; later versions may say more.
_traceparent = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
).fullmatch


class EventType(StrEnum):
    """What happened to the order."""

    CREATED = "orderport.order.created"
    UPDATED = "orderport.order.updated"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an order that storage has not numbered yet: an event without its version.

    `time` is aware, in UTC, of whole milliseconds; `value` holds the bytes that are sent.
    """

    type: EventType
    time: datetime
    traceparent: str | None
    value: bytes


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One version of an order, ready to be sent; read back from storage it is equal, byte for byte."""

    order_id: Id
    version: int
    change: Change

    @property
    def sequence(self) -> str:
        """The version as ten decimal digits, so that text order is number order."""
        return _sequence(self.version)

    def headers(self) -> list[tuple[str, str]]:
        """Give the message's headers, in order: all of them printable ASCII."""
        change = self.change
        headers = [
            ("ce_specversion", "1.0"),
            ("ce_id", event_id(self.order_id, self.version)),
            ("ce_type", change.type.value),
            ("ce_source", SOURCE),
            ("ce_subject", self.order_id),
            ("ce_time", to_rfc3339(change.time)),
            ("ce_sequence", self.sequence),
            ("ce_sequencetype", "Integer"),
            ("content-type", "application/json"),
        ]
        if change.traceparent is not None:
            headers.append(("traceparent", change.traceparent))
        return headers


def to_rfc3339(time: datetime) -> str:
    """Give a time in UTC as RFC 3339 has it, to the millisecond."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_id(order_id: Id, version: int) -> str:
    """Give the `ce_id` of an event."""
    return f"{order_id}-{_sequence(version)}"


def _sequence(version: int) -> str:
    return f"{version:0{SEQUENCE_DIGITS}d}"


def parse_event(
    key: bytes, headers: Sequence[tuple[str, bytes]], value: bytes
) -> OrderEvent | None:
    """Read back a message; None where it is none that the event it tells of would be sent as. The value may be any."""
    try:
        texts = {name: header.decode("ascii") for name, header in headers}
        order_id = parse_id(key.decode("ascii"))
        sequence, time = texts["ce_sequence"], datetime.fromisoformat(texts["ce_time"])
        change = Change(EventType(texts["ce_type"]), time, texts.get("traceparent"), value)
        event = OrderEvent(Id(order_id or ""), int(sequence), change)
    except (KeyError, ValueError):
        return None
    sent = [(name, text.encode()) for name, text in event.headers()]
    known = event.version > 0 and len(sequence) == SEQUENCE_DIGITS and time.tzinfo is UTC
    return event if known and event.order_id.encode() == key and sent == list(headers) else None


def parse_traceparent(text: str | None) -> str | None:
    """Give the trace context to pass on, in version 00's form, or None where `text` carries no valid one."""
    found = _traceparent(text) if text is not None else None
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "00" and more is not None:
        return None
    return f"00-{trace_id}-{parent_id}-{flags}"
