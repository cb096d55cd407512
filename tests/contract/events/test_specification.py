"""`spec/asyncapi.yaml` holds together, its examples are what the service makes, and it refuses what is not one."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.outbound.memory.events import to_line
from conformance.http.breach import Breach
from conformance.http.event_specification import (
    DOCUMENT,
    MESSAGES,
    Example,
    check,
    examples,
    look_up,
    references,
)
from conformance.http.events import Event
from conformance.http.exact_json import from_json
from conformance.http.specification import OPERATIONS
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order

EXAMPLES = {f"{example.message}-{example.name}": example for example in examples()}
CREATED = EXAMPLES["OrderCreated-first"].event
NO_ID = "0" * 24


def test_every_reference_leads_somewhere() -> None:
    for reference in references():
        assert look_up(reference) is not None


def test_the_channel_and_the_operation_carry_every_message() -> None:
    in_channel = DOCUMENT["channels"]["orders"]["messages"]
    in_operation = DOCUMENT["operations"]["publishOrderEvents"]["messages"]
    assert set(in_channel) == set(MESSAGES.values()) == set(DOCUMENT["components"]["messages"])
    assert [message["$ref"] for message in in_operation] == [
        f"#/channels/orders/messages/{name}" for name in in_channel
    ]


def test_every_schema_is_a_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
    for message in DOCUMENT["components"]["messages"].values():
        Draft7Validator.check_schema(message["headers"])


def test_each_message_has_an_example() -> None:
    assert {example.message for example in EXAMPLES.values()} == set(MESSAGES.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_the_specification(name: str) -> None:
    check(EXAMPLES[name].event)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_the_service_makes_of_its_order(name: str) -> None:
    example = EXAMPLES[name]
    event = event_of(example)
    assert event.headers() == list(example.headers.items())
    line = to_line(example.event.topic, event).encode()
    assert Event(**from_json(line)) == example.event


def test_the_first_examples_are_the_orders_that_the_http_specification_answers() -> None:
    placed = OPERATIONS["placeOrder"].response_examples(201)["first"]
    updated = OPERATIONS["updateOrder"].response_examples(200)["first"]
    assert EXAMPLES["OrderCreated-first"].payload == placed["data"]["data"]
    assert EXAMPLES["OrderUpdated-first"].payload == updated["data"]["data"]


def event_of(example: Example) -> OrderEvent:
    fields, headers = example.payload, example.headers
    order = Order(
        Id(fields["_id"]),
        Id(fields["customer_id"]),
        Decimal(fields["price"]),
        tuple(Item(Id(item["product_id"]), item["quantity"]) for item in fields["items"]),
        fields["status"],
    )
    change = Change(
        EventType(headers["ce_type"]),
        datetime.fromisoformat(headers["ce_time"]),
        headers.get("traceparent"),
        order.to_json(),
    )
    return OrderEvent(order.id, int(headers["ce_sequence"]), change)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", "1.1"),
        ("ce_id", CREATED.headers["ce_id"].upper()),
        ("ce_type", "orderport.order.updated"),  # which version 1 never is
        ("ce_source", "orderport"),
        ("ce_subject", CREATED.key.upper()),
        ("ce_time", "2024-01-13T02:09:06Z"),
        ("ce_time", "2024-01-13T02:09:06.412+00:00"),
        ("ce_time", "2024-02-30T02:09:06.412Z"),
        ("ce_sequence", "1"),
        ("ce_sequence", "0000000002"),
        ("ce_sequencetype", "integer"),
        ("content-type", "application/json; charset=utf-8"),
        ("traceparent", f"00-{'0' * 32}-b7ad6b7169203331-01"),
        ("traceparent", f"ff-{'a' * 32}-b7ad6b7169203331-01"),
        ("tracestate", "a=b"),
    ],
)
def test_another_header_or_value_is_refused(name: str, value: str) -> None:
    headers = {**CREATED.headers, name: value}
    with pytest.raises(Breach):
        check(replace(CREATED, headers=headers))


@pytest.mark.parametrize("name", sorted(CREATED.headers.keys() - {"traceparent", "ce_type"}))
def test_a_missing_header_is_refused(name: str) -> None:
    headers = {key: value for key, value in CREATED.headers.items() if key != name}
    with pytest.raises(Breach):
        check(replace(CREATED, headers=headers))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_id", CREATED.key.upper()),
        ("customer_id", None),
        ("price", "100"),
        ("price", 12.5),  # a binary float
        ("price", Decimal("1E+2")),
        ("price", Decimal(f"0.{'1' * 35}")),
        ("price", Decimal("-0.5")),
        ("price", Decimal("1000000000000.5")),
        ("items", []),
        ("items", [{"product_id": NO_ID, "quantity": 0}]),
        ("items", [{"product_id": NO_ID, "quantity": Decimal("2.0")}]),
        ("items", [{"product_id": NO_ID}]),
        ("items", [{"product_id": NO_ID, "quantity": 1, "name": "Engine"}]),
        ("items", [{"product_id": NO_ID, "quantity": 1}] * 1_001),
        ("status", ""),
        ("status", " new"),
        ("status", "new\u3000"),
        ("status", "n\x85w"),
        ("status", "📦" * 65),
        ("version", 1),
    ],
)
def test_another_field_or_value_is_refused(name: str, value: Any) -> None:
    with pytest.raises(Breach):
        check(replace(CREATED, value={**CREATED.value, name: value}))


@pytest.mark.parametrize("name", sorted(CREATED.value))
def test_a_missing_field_is_refused(name: str) -> None:
    value = {key: field for key, field in CREATED.value.items() if key != name}
    with pytest.raises(Breach):
        check(replace(CREATED, value=value))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": NO_ID},
        {"headers": {**CREATED.headers, "ce_subject": NO_ID}},
        {"headers": {**CREATED.headers, "ce_id": f"{NO_ID}-0000000001"}},
        {"value": {**CREATED.value, "_id": NO_ID}},
    ],
)
def test_ids_that_disagree_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Breach):
        check(replace(CREATED, **changes))
