"""The trace of a request goes on in the event of its change, where it is a valid one."""

import re

import pytest

from conformance.http import lines
from conformance.http.client import Api, exchange
from conformance.http.events import Events
from conformance.http.exact_json import to_json
from conformance.http.given import Shop

pytestmark = pytest.mark.contract(lines.TRACE)

HEADERS = {
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
    "ce_sequence",
    "ce_sequencetype",
    "content-type",
}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    "sent",
    [
        TRACEPARENT,
        f"00-{TRACE}-00f067aa0ba902b7-00",
        f"00-{TRACE}-00f067aa0ba902b7-ff",
        f"01-{TRACE}-00f067aa0ba902b7-01",
        f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes-later",
    ],
)
def test_a_valid_trace_is_passed_on(api: Api, shop: Shop, events: Events, sent: str) -> None:
    header = {"traceparent": sent}
    order_id = api.post("/orders/new", body := shop.order_body(), header).data["_id"]
    api.put("/orders/update", body | {"_id": order_id}, header)
    for event in events.of(order_id, 2):
        assert event.headers.keys() == HEADERS | {"traceparent"}
        passed_on = event.headers["traceparent"]
        assert re.fullmatch(rf"00-{TRACE}-(?!0{{16}})[0-9a-f]{{16}}-[0-9a-f]{{2}}", passed_on)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        TRACEPARENT.upper(),
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{TRACEPARENT}-more",
        f"{TRACEPARENT}-",
        f"{TRACEPARENT}0",
        TRACEPARENT[:-1],
        TRACEPARENT.replace("-", "_"),
        f"0-{TRACE}-00f067aa0ba902b7-01",
        TRACEPARENT.replace("4b", "4g"),
        f"{TRACEPARENT},{TRACEPARENT}",
        f"01-{TRACE}-00f067aa0ba902b7-01more",
        "x" * 10_000,
    ],
    ids=lambda sent: sent[:60],
)
def test_an_invalid_trace_is_dropped_and_harms_nothing(
    api: Api, shop: Shop, events: Events, sent: str
) -> None:
    answer = api.post("/orders/new", shop.order_body(), {"traceparent": sent})
    (event,) = events.of(answer.data["_id"], 1)
    assert event.headers.keys() == HEADERS


def test_two_traces_are_as_good_as_none(shop: Shop, events: Events) -> None:
    header = b"traceparent: " + TRACEPARENT.encode()
    body = to_json(shop.order_body())
    answer = exchange(shop.api.url, "POST", "/orders/new", header, header, body=body)
    (event,) = events.of(answer.data["_id"], 1)
    assert event.headers.keys() == HEADERS


def test_the_trace_of_one_request_is_not_that_of_the_next(
    api: Api, shop: Shop, events: Events
) -> None:
    traced = {"traceparent": TRACEPARENT}
    order_id = api.post("/orders/new", body := shop.order_body(), traced).data["_id"]
    api.put("/orders/update", body | {"_id": order_id})
    created, updated = events.of(order_id, 2)
    assert "traceparent" in created.headers
    assert "traceparent" not in updated.headers
