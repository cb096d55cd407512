from datetime import UTC, datetime

import pytest

from core.domain.events import Change, EventType, OrderEvent, parse_traceparent
from tests.doubles.clock import counted_id

TIME = datetime(2026, 3, 4, 5, 6, 7, 80_000, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
VALID = f"00-{TRACE}-{PARENT}-01"


def event(type_: EventType, version: int, traceparent: str | None = None) -> OrderEvent:
    return OrderEvent(counted_id(0xABC), version, Change(type_, TIME, traceparent, b"{}"))


def test_the_headers_of_the_first_event_are_exactly_these_in_this_order() -> None:
    assert event(EventType.CREATED, 1).headers() == [
        ("ce_specversion", "1.0"),
        ("ce_id", "000000000000000000000abc-0000000001"),
        ("ce_type", "orderport.order.created"),
        ("ce_source", "/orderport"),
        ("ce_subject", "000000000000000000000abc"),
        ("ce_time", "2026-03-04T05:06:07.080Z"),
        ("ce_sequence", "0000000001"),
        ("ce_sequencetype", "Integer"),
        ("content-type", "application/json"),
    ]


def test_an_update_has_its_own_type_and_the_version_as_its_sequence() -> None:
    headers = dict(event(EventType.UPDATED, 1_234_567_890).headers())
    assert headers["ce_type"] == "orderport.order.updated"
    assert headers["ce_sequence"] == "1234567890"
    assert headers["ce_id"] == "000000000000000000000abc-1234567890"


def test_the_text_order_of_sequences_is_the_order_of_versions() -> None:
    sequences = [event(EventType.UPDATED, version).sequence for version in (2, 9, 10, 99, 100)]
    assert sequences == sorted(sequences)
    assert {len(sequence) for sequence in sequences} == {10}


def test_the_trace_of_the_request_is_the_last_header() -> None:
    headers = event(EventType.CREATED, 1, VALID).headers()
    assert headers[-1] == ("traceparent", VALID)
    assert len(headers) == 10


@pytest.mark.parametrize("flags", ["00", "01", "ff"])
def test_a_valid_traceparent_is_passed_on_as_it_is(flags: str) -> None:
    assert parse_traceparent(f"00-{TRACE}-{PARENT}-{flags}") == f"00-{TRACE}-{PARENT}-{flags}"


@pytest.mark.parametrize("text", [f"cc-{TRACE}-{PARENT}-01", f"01-{TRACE}-{PARENT}-01-what.comes"])
def test_a_traceparent_of_a_later_version_is_passed_on_as_far_as_version_00_knows_it(
    text: str,
) -> None:
    assert parse_traceparent(text) == VALID


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"ff-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}0-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-0g",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01-",
        f"01-{TRACE}-{PARENT}-01more",
        f" {VALID}",
        f"{VALID} ",
        f"{VALID}\n",
        f"{VALID},{VALID}",
    ],
)
def test_no_trace_is_passed_on_where_the_request_carried_no_valid_one(text: str | None) -> None:
    assert parse_traceparent(text) is None
