"""Names and statuses: trimmed first, then bounded, in code points, without control characters."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.expect import refused
from conformance.http.given import (
    MISSING,
    NO_ID,
    Shop,
    edit_body,
    place,
    product_body,
    user_body,
)

pytestmark = pytest.mark.contract(
    "`name` and `status`: surrounding white space (`str.strip`) is trimmed first, then 1 to 256 and 1 to 64 "
    "characters, no control characters (category Cc).",
    "Characters are Unicode code points.",
)

WHITE_SPACE = "".join(character for character in map(chr, range(0x110000)) if character.isspace())
CONTROL_CHARACTERS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
EMOJI = "\N{PARTY POPPER}"

Send = Callable[[Shop, Any], Answer]


def edit_user(shop: Shop, name: Any) -> Answer:
    body = user_body()
    user_id = NO_ID if not isinstance(name, str) else place(shop.api, "/users/register", body)
    return shop.api.put(f"/users/edit/{user_id}", edit_body(user_id, name=name))


def update_product(shop: Shop, name: Any) -> Answer:
    product_id = place(shop.api, "/products/new", product_body())
    return shop.api.put("/products/update", product_body(_id=product_id, name=name))


def update_order(shop: Shop, status: Any) -> Answer:
    body = shop.order_body(_id=shop.place_order(), status=status)
    return shop.api.put("/orders/update", body)


ADD_PRODUCT: Send = lambda shop, name: shop.api.post("/products/new", product_body(name=name))  # noqa: E731
PLACE_ORDER: Send = lambda shop, status: shop.api.post(  # noqa: E731
    "/orders/new", shop.order_body(status=status)
)
REGISTER: Send = lambda shop, name: shop.api.post("/users/register", user_body(name=name))  # noqa: E731

SENDERS: Mapping[str, tuple[Send, str, int]] = {
    "registerUser": (REGISTER, "name", 256),
    "editUser": (edit_user, "name", 256),
    "addProduct": (ADD_PRODUCT, "name", 256),
    "updateProduct": (update_product, "name", 256),
    "placeOrder": (PLACE_ORDER, "status", 64),
    "updateOrder": (update_order, "status", 64),
}
CHEAP = ["addProduct", "updateProduct", "placeOrder", "updateOrder"]
"""Those that hash no password."""


@pytest.mark.parametrize("operation", SENDERS)
def test_the_longest_text_passes_and_one_character_more_does_not(
    shop: Shop, operation: str
) -> None:
    send, field, longest = SENDERS[operation]
    answer = send(shop, f" \n{EMOJI * longest}\u3000")
    assert answer.status in (200, 201)
    assert answer.data[field] == EMOJI * longest
    assert refused(send(shop, EMOJI * (longest + 1)), field)


@pytest.mark.parametrize("operation", CHEAP)
def test_white_space_around_a_text_is_trimmed_and_kept_within(shop: Shop, operation: str) -> None:
    send, field, _ = SENDERS[operation]
    within = "".join(character for character in WHITE_SPACE if character not in CONTROL_CHARACTERS)
    answer = send(shop, f"{WHITE_SPACE}a{within}b{WHITE_SPACE}")
    assert answer.data[field] == f"a{within}b"


@pytest.mark.contract("`status` is free text, as published.", "Characters are Unicode code points.")
@pytest.mark.parametrize("operation", CHEAP)
@pytest.mark.parametrize(
    "text",
    [
        "x",
        "0",
        "\u200b",
        "\ufeffx",
        "\uffff",
        "e\u0301",
        "\U0010ffff",
        "<b>'\"\\/&",
        "\u00ad",
        "\u202e",
    ],
    ids=ascii,
)
def test_any_other_character_is_kept(shop: Shop, operation: str, text: str) -> None:
    send, field, _ = SENDERS[operation]
    assert send(shop, text).data[field] == text


@pytest.mark.parametrize("operation", SENDERS)
@pytest.mark.parametrize("text", ["", " ", WHITE_SPACE], ids=["none", "a space", "white space"])
def test_a_text_of_white_space_alone_is_empty(shop: Shop, operation: str, text: str) -> None:
    send, field, _ = SENDERS[operation]
    assert refused(send(shop, text), field)


@pytest.mark.parametrize("operation", CHEAP)
def test_no_control_character_stands_inside(shop: Shop, operation: str) -> None:
    send, field, _ = SENDERS[operation]
    for character in CONTROL_CHARACTERS:
        assert refused(send(shop, f"a{character}b"), field)


@pytest.mark.contract(lines.LISTED)
@pytest.mark.parametrize("operation", SENDERS)
@pytest.mark.parametrize("value", ["null", "1", "1.5", "true", '["x"]', '{"x": "x"}'])
def test_a_text_is_a_string(shop: Shop, operation: str, value: str) -> None:
    send, field, _ = SENDERS[operation]
    assert refused(send(shop, spelt(value)), field)


@pytest.mark.contract(lines.LISTED)
@pytest.mark.parametrize("operation", SENDERS)
def test_a_text_is_required(shop: Shop, operation: str) -> None:
    send, field, _ = SENDERS[operation]
    assert refused(send(shop, MISSING), field)


def test_escapes_and_raw_characters_are_the_same_text(api: Api) -> None:
    body = rb'{"name": "\u0041\ud83c\udf89\u00fc\/\t", "stock": 0}'
    assert api.request("POST", "/products/new", body).data["name"] == f"A{EMOJI}\u00fc/"
