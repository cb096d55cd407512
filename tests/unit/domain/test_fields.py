"""How faults are found: all at once, one for each field, with the field's path."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.domain.errors import Fault, Invalid
from core.domain.fields import Fields, read_id
from core.domain.orders import MOST_ITEMS, Item, read_order
from tests.doubles.clock import counted_id

ID = counted_id(0xABCDEF)
ORDER: dict[str, object] = {
    "customer_id": ID,
    "price": Decimal("12.50"),
    "items": [{"product_id": ID, "quantity": 1}],
    "status": "new",
}


def faults_of(read: Callable[[Fields], object], values: dict[str, object]) -> list[str]:
    """Give the fields that are found at fault, in order."""
    fields = Fields(values)
    read(fields)
    try:
        fields.check()
    except Invalid as invalid:
        return [fault.field for fault in invalid.faults]
    return []


def read(fields: Fields) -> object:
    return read_order(fields, ID)


def test_values_that_keep_every_rule_pass() -> None:
    fields = Fields({**ORDER, "customer_id": ID.upper(), "status": "\t new \n", "more": None})
    order = read_order(fields, ID)
    fields.check()
    assert (order.id, order.customer_id, order.version) == (ID, ID, 1)
    assert order.price == Decimal("12.5")
    assert order.items == (Item(ID, 1),)
    assert order.status == "new"


def test_every_fault_is_named_at_once_with_its_path() -> None:
    values: dict[str, object] = {
        "customer_id": "x",
        "price": "12",
        "items": [
            {"product_id": ID, "quantity": 0},
            "no object",
            {"product_id": 5},
            {"product_id": ID, "quantity": 1},
            None,
        ],
    }
    assert faults_of(read, values) == [
        "customer_id",
        "price",
        "items[0].quantity",
        "items[1]",
        "items[2].product_id",
        "items[2].quantity",
        "items[4]",
        "status",
    ]


def test_a_field_is_missing_or_of_the_wrong_type_or_out_of_bounds_and_the_reason_says_which() -> (
    None
):
    fields = Fields({"null": None, "wrong": 5, "empty": ""})
    for name in ("absent", "null", "wrong", "empty"):
        fields.text(name, 10)
    with pytest.raises(Invalid) as invalid:
        fields.check()
    assert invalid.value.faults == (
        Fault("absent", "is missing"),
        Fault("null", "must be a string"),
        Fault("wrong", "must be a string"),
        Fault("empty", "must have 1 to 10 characters, white space around it aside"),
    )


def test_of_several_faults_of_one_field_the_first_is_kept() -> None:
    fields = Fields({})
    fields.reject("name", "first")
    fields.reject("name", "second")
    with pytest.raises(Invalid) as invalid:
        fields.check()
    assert invalid.value.faults == (Fault("name", "first"),)


@pytest.mark.parametrize("items", [None, {}, "[]", 5, ()])
def test_items_that_are_no_list_are_one_fault(items: object) -> None:
    assert faults_of(read, {**ORDER, "items": items}) == ["items"]


def test_items_that_are_missing_are_one_fault() -> None:
    values = {name: value for name, value in ORDER.items() if name != "items"}
    assert faults_of(read, values) == ["items"]


def test_there_is_at_least_one_item() -> None:
    assert faults_of(read, {**ORDER, "items": []}) == ["items"]


def test_there_may_be_1000_items() -> None:
    item = {"product_id": ID, "quantity": 1}
    assert faults_of(read, {**ORDER, "items": [item] * MOST_ITEMS}) == []


def test_of_a_list_that_is_too_long_only_the_list_is_named() -> None:
    assert faults_of(read, {**ORDER, "items": ["no object"] * (MOST_ITEMS + 1)}) == ["items"]


def test_a_list_inside_a_list_has_the_whole_path() -> None:
    def read_boxes(fields: Fields) -> None:
        for box in fields.each("boxes", 3):
            for part in box.each("parts", 3):
                part.integer("size", 1)

    boxes = [{"parts": [{"size": 1}, {"size": 0}, 7]}, {}]
    assert faults_of(read_boxes, {"boxes": boxes}) == [
        "boxes[0].parts[1].size",
        "boxes[0].parts[2]",
        "boxes[1].parts",
    ]


@pytest.mark.parametrize("text", [ID, ID.upper()])
def test_the_id_that_a_request_addresses_is_read_in_either_case(text: str) -> None:
    assert read_id(text) == ID


def test_an_addressed_id_that_is_none_is_a_fault_of_the_field_id() -> None:
    with pytest.raises(Invalid) as invalid:
        read_id("7")
    assert invalid.value.faults == (Fault("id", "must be 24 hexadecimal digits"),)
