"""Each change of an order is one event, in order for each order."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from conformance.http import event_specification, lines
from conformance.http.answers import Answer
from conformance.http.client import Api, exchange
from conformance.http.events import Event, Events
from conformance.http.exact_json import spelt, to_json
from conformance.http.given import NO_ID, Shop

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").fullmatch


def settled(events: Events, shop: Shop, order_id: str, count: int) -> list[Event]:
    """Give an order's events, once those of a later order have come too: what was to come has come."""
    events.of(order_id, count)
    events.of(shop.place_order(), 1)
    return events.of(order_id, count)


def is_event_of(event: Event, answer: Answer, version: int) -> bool:
    """Check an event against the answer that told of its change; true, so that it reads well after `assert`."""
    order_id = answer.data["_id"]
    kind = "created" if version == 1 else "updated"
    assert event.key == order_id
    assert dict(event.headers) == {
        "ce_specversion": "1.0",
        "ce_id": f"{order_id}-{version:010d}",
        "ce_type": f"orderport.order.{kind}",
        "ce_source": "/orderport",
        "ce_subject": order_id,
        "ce_time": event.headers["ce_time"],
        "ce_sequence": f"{version:010d}",
        "ce_sequencetype": "Integer",
        "content-type": "application/json",
    }
    assert event.value == answer.data
    return True


@pytest.mark.contract(
    '`POST /orders/new` "registers a new order in the system and streams an event to Kafka"',
    lines.EVENT_KEY,
    lines.EVENT_HEADERS,
)
def test_a_new_order_is_one_event(api: Api, shop: Shop, events: Events) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    price = spelt("0.1000000000000000055511151231257827")
    answer = api.post("/orders/new", shop.order_body(price=price, status=' \N{PARTY POPPER} "\\/ '))
    after = datetime.now(UTC)
    (event,) = settled(events, shop, answer.data["_id"], 1)
    assert is_event_of(event, answer, 1)
    assert event.value["price"] == Decimal("0.1000000000000000055511151231257827")
    assert TIME(event.headers["ce_time"])
    assert before <= datetime.fromisoformat(event.headers["ce_time"]) <= after


@pytest.mark.contract(
    "every accepted update makes a new version, also when nothing differs; of an order also one event",
    "`PUT /orders/update` updates an existing order and streams an event to Kafka.",
)
def test_every_update_is_one_event_also_when_nothing_differs(
    api: Api, shop: Shop, events: Events
) -> None:
    placed = api.post("/orders/new", body := shop.order_body())
    order_id = placed.data["_id"]
    different: list[dict[str, object]] = [
        {},
        {},
        {"price": 0, "status": "paid"},
        {"items": [shop.item()] * 1_000},
    ]
    updates = [body | {"_id": order_id} | changes for changes in different]
    answers = [placed, *(api.put("/orders/update", update) for update in updates)]
    told = settled(events, shop, order_id, 5)
    assert len(told) == 5
    for version, (event, answer) in enumerate(zip(told, answers, strict=True), 1):
        assert is_event_of(event, answer, version)
    times = [datetime.fromisoformat(event.headers["ce_time"]) for event in told]
    assert times == sorted(times)


@pytest.mark.contract(
    "the first delivery of a version comes after the first delivery of the version before it"
)
def test_concurrent_updates_make_versions_without_a_gap_in_order(
    api: Api, shop: Shop, events: Events
) -> None:
    order_id = shop.place_order()

    def update(number: int) -> Answer:
        body = shop.order_body(_id=order_id, price=number, status=f"update {number}")
        return exchange(api.url, "PUT", "/orders/update", body=to_json(body))

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(update, range(50)))
    assert {answer.status for answer in answers} == {200}
    by_version = {int(answer.headers["etag"].strip('"')): answer for answer in answers}
    assert sorted(by_version) == list(range(2, 52))

    created, *updated = settled(events, shop, order_id, 51)
    assert created.headers["ce_sequence"] == "0000000001"
    assert len(updated) == 50
    for version, event in enumerate(updated, 2):
        assert is_event_of(event, by_version[version], version)
    stored = api.get(f"/orders/{order_id}")
    assert (stored.data, stored.headers["etag"]) == (by_version[51].data, '"51"')


@pytest.mark.contract(
    "Delivery is at least once, in order per order: an order answered with 201 or 200 has its event on the topic, "
    "sooner or later"
)
def test_concurrent_orders_are_each_one_event(shop: Shop, events: Events) -> None:
    content = to_json(shop.order_body())

    def place_order(_number: int) -> Answer:
        return exchange(shop.api.url, "POST", "/orders/new", body=content)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(place_order, range(200)))
    assert len({answer.data["_id"] for answer in answers}) == 200
    for answer in answers:
        (event,) = events.of(answer.data["_id"], 1)
        assert is_event_of(event, answer, 1)


@pytest.mark.contract("an event never exists for a change that was not stored")
def test_what_is_refused_is_no_event(api: Api, shop: Shop, events: Events) -> None:
    order_id = shop.place_order()
    good = shop.order_body(_id=order_id)
    refusals = [
        api.put("/orders/update", good | {"price": -1}),
        api.put("/orders/update", good | {"customer_id": NO_ID}),
        api.put("/orders/update", good | {"items": [shop.item(product_id=NO_ID)]}),
        api.put("/orders/update", good, {"Content-Type": "text/plain"}),
        api.request("PUT", "/orders/update", to_json(good)[:-1]),
        api.request("POST", "/orders/update", to_json(good)),
        api.put("/orders/update", good | {"_id": NO_ID}),
    ]
    assert [answer.status for answer in refusals] == [400, 422, 422, 415, 400, 405, 404]
    (event,) = settled(events, shop, order_id, 1)
    assert event.headers["ce_type"] == "orderport.order.created"
    assert events.of(NO_ID, 0) == []


@pytest.mark.contract(lines.EVENT_HEADERS, lines.EVENT_KEY)
def test_the_examples_of_the_specification_are_what_is_streamed(
    api: Api, shop: Shop, events: Events
) -> None:
    examples = list(event_specification.examples())
    order_id = ""
    for number, example in enumerate(examples):
        items = [shop.item(quantity=item["quantity"]) for item in example.payload["items"]]
        changes = {name: example.payload[name] for name in ("price", "status")}
        body = shop.order_body(items=items, **changes)
        trace = {name: example.headers[name] for name in ["traceparent"] if name in example.headers}
        if number == 0:
            order_id = api.post("/orders/new", body, trace).data["_id"]
        else:
            api.put("/orders/update", body | {"_id": order_id}, trace)
    told = events.of(order_id, len(examples))
    assert len(told) == len(examples)
    for event, example in zip(told, examples, strict=True):
        products = [item["product_id"] for item in example.payload["items"]]
        new_ids = {example.payload["_id"]: order_id, **dict.fromkeys(products, shop.products[0])}
        new_ids[example.payload["customer_id"]] = shop.customer
        assert event.value == with_ids(example.payload, new_ids)
        assert without_the_moment(event.headers) == without_the_moment(
            with_ids(example.headers, new_ids)
        )


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """Put the ids that the service made in the place of the example's, also where one begins a text."""
    match value:
        case dict():
            return {name: with_ids(member, ids) for name, member in value.items()}
        case list():
            return [with_ids(member, ids) for member in value]
        case str():
            return ids.get(value[:24], value[:24]) + value[24:]
    return value


def without_the_moment(headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out when it was, and which span of the trace."""
    kept = {name: value for name, value in headers.items() if name != "ce_time"}
    return kept | {name: kept[name][:35] for name in ["traceparent"] if name in kept}
