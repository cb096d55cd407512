"""Events, read back from messages."""

from datetime import UTC, datetime

import pytest

from core.domain.events import Change, EventType, OrderEvent, parse_event
from core.domain.ids import Id

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TIME = datetime(2026, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC)
ORDER = Id("0123456789abcdef01234567")

Headers = list[tuple[str, bytes]]


def an_event(traceparent: str | None = TRACE, version: int = 3) -> OrderEvent:
    return OrderEvent(ORDER, version, Change(EventType.UPDATED, TIME, traceparent, b"{}"))


def headers_of(event: OrderEvent) -> Headers:
    return [(name, value.encode()) for name, value in event.headers()]


@pytest.mark.parametrize("event", [an_event(), an_event(None), an_event(version=9_999_999_999)])
def test_an_event_is_read_back_as_it_was(event: OrderEvent) -> None:
    assert parse_event(ORDER.encode(), headers_of(event), b"{}") == event


@pytest.mark.parametrize("key", [b"", b"12", b"\xff", ORDER.upper().encode(), b"f" * 24])
def test_another_key_makes_it_no_event(key: bytes) -> None:
    assert parse_event(key, headers_of(an_event()), b"{}") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_id", b"other"),
        ("ce_type", b"other"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-01T12:00:00.123"),
        ("ce_sequence", b"3"),
        ("ce_sequence", b"three"),
        ("ce_sequence", b"\xff"),
        ("content-type", b"text/plain"),
    ],
)
def test_another_header_makes_it_no_event(name: str, value: bytes) -> None:
    headers = [(each, value if each == name else old) for each, old in headers_of(an_event())]
    assert parse_event(ORDER.encode(), headers, b"{}") is None


@pytest.mark.parametrize("version", [0, -1, 10_000_000_000])
def test_a_version_that_no_order_has_makes_it_no_event(version: int) -> None:
    assert parse_event(ORDER.encode(), headers_of(an_event(version=version)), b"{}") is None


def test_more_or_fewer_headers_make_it_no_event() -> None:
    headers = headers_of(an_event(None))
    assert parse_event(ORDER.encode(), [*headers, ("more", b"")], b"{}") is None
    assert parse_event(ORDER.encode(), headers[:-1], b"{}") is None
    assert parse_event(ORDER.encode(), [], b"{}") is None
