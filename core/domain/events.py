"""Events: each change of an order, as the world hears of it.

They are CloudEvents 1.0 in the binary mode of the Kafka protocol binding, with the extension `sequence`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.ids import Id

SOURCE = "/orderport"

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
        return f"{self.version:010d}"

    def headers(self) -> list[tuple[str, str]]:
        """Give the message's headers, in order: all of them printable ASCII."""
        change = self.change
        headers = [
            ("ce_specversion", "1.0"),
            ("ce_id", f"{self.order_id}-{self.sequence}"),
            ("ce_type", change.type.value),
            ("ce_source", SOURCE),
            ("ce_subject", self.order_id),
            ("ce_time", change.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")),
            ("ce_sequence", self.sequence),
            ("ce_sequencetype", "Integer"),
            ("content-type", "application/json"),
        ]
        if change.traceparent is not None:
            headers.append(("traceparent", change.traceparent))
        return headers


def parse_traceparent(text: str | None) -> str | None:
    """Give the trace context to pass on, in version 00's form, or None where `text` carries no valid one."""
    found = _traceparent(text) if text is not None else None
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "00" and more is not None:
        return None
    return f"00-{trace_id}-{parent_id}-{flags}"
