"""The bounds that the specifications write down are those that the core keeps."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unicodedata import category

import pytest

from adapters.inbound.http.bodies import MOST_BYTES
from adapters.outbound.kafka import KafkaSettings
from adapters.outbound.memory import MemoryEventsSettings
from conformance.http import event_specification
from conformance.http.specification import DOCUMENT, SchemaValidator, look_up
from conformance.http.test_emails import INVALID, LABEL, VALID
from core.domain import orders, prices, products, users
from core.domain.errors import Invalid
from core.domain.events import EventType
from core.domain.fields import LONGEST_EMAIL, LONGEST_PASSWORD, MAX_INT, SHORTEST_PASSWORD, Fields

BOUNDS: Mapping[str, Mapping[str, int]] = {
    "Quantity": {"minimum": 1, "maximum": MAX_INT},
    "Stock": {"minimum": 0, "maximum": MAX_INT},
    "GivenItems": {"minItems": 1, "maxItems": orders.MOST_ITEMS},
    "GivenId": {"maxLength": 24},
    "Id": {"maxLength": 24},
    "Email": {"maxLength": LONGEST_EMAIL},
    "NewPassword": {"minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD},
    "Password": {"minLength": 1, "maxLength": LONGEST_PASSWORD},
    "Price": {"minimum": 0, "maximum": int(prices.HIGHEST)},
}
"""Every schema with a bound that is a number; those of texts that are trimmed stand in their patterns."""
KEYWORDS = {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"}


def bounds_of(schema: Mapping[str, Any]) -> dict[str, int]:
    return {keyword: schema[keyword] for keyword in KEYWORDS & schema.keys()}


def test_each_bound_that_is_a_number_is_the_cores() -> None:
    schemas = look_up("/components/schemas")
    requested = {name for name in schemas if bounds_of(schemas[name])}
    assert {name: bounds_of(schemas[name]) for name in requested} == BOUNDS
    assert bounds_of(schemas["Order"]["properties"]["items"]) == BOUNDS["GivenItems"]


def test_the_bounds_in_words_are_the_cores() -> None:
    words = DOCUMENT["info"]["description"] + look_up("/components/schemas/Price")["description"]
    for bound in (
        f"{MOST_BYTES:,} bytes",
        f"{prices.DIGITS} significant digits and {prices.DECIMALS} decimals",
        f"±{prices.MAX_EXPONENT:,}",
    ):
        assert bound in words


def test_an_event_holds_what_is_answered() -> None:
    answered, told = (
        look_up("/components/schemas"),
        event_specification.look_up("#/components/schemas"),
    )
    for name in ("Order", "Item"):
        assert told[name]["required"] == answered[name]["required"]
        assert told[name]["additionalProperties"] is answered[name]["additionalProperties"] is False
    for name in ("Id", "Price"):
        assert bounds_of(told[name]) == bounds_of(answered[name]) == BOUNDS[name]
    assert bounds_of(told["Item"]["properties"]["quantity"]) == BOUNDS["Quantity"]
    assert bounds_of(told["Order"]["properties"]["items"]) == BOUNDS["GivenItems"]
    assert told["Id"]["pattern"] == answered["Id"]["pattern"]


def test_the_events_are_the_cores_on_the_topic_of_the_settings() -> None:
    headers = event_specification.look_up("#/components/schemas/Headers")
    assert headers["properties"]["ce_type"]["enum"] == [kind.value for kind in EventType]
    assert headers["properties"].keys() - set(headers["required"]) == {"traceparent"}
    address = event_specification.DOCUMENT["channels"]["orders"]["address"]
    assert MemoryEventsSettings.from_environment({}).topic == address
    kafka = KafkaSettings.from_environment({})
    assert kafka.topic == address
    assert list(kafka.servers) == [event_specification.DOCUMENT["servers"]["kafka"]["host"]]


def validator(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    return SchemaValidator(schema).is_valid


def core_takes(kind: str, value: object, *bounds: int) -> bool:
    fields = Fields({"it": value})
    getattr(fields, kind)("it", *bounds)
    try:
        fields.check()
    except Invalid:
        return False
    return True


def texts(longest: int) -> Iterator[str]:
    """Give every character that a rule is about, and its neighbours, at each place; and the bounds."""
    special = [
        code for code in range(0x11_0000) if chr(code).isspace() or category(chr(code)) == "Cc"
    ]
    codes = {min(max(code + step, 0), 0x10FFFF) for code in special for step in (-1, 0, 1)}
    for character in map(chr, sorted(codes | {0xFEFF, 0xFFFF, 0x10FFFF})):
        yield from (character, f"a{character}b", f"{character}ab", f"ab{character}")
    for length in (longest, longest + 1):
        for character in ("a", "\N{PARTY POPPER}"):
            yield from (character * length, f" \n{character * length}\u3000")


@pytest.mark.parametrize(
    ("given", "answered", "longest"),
    [
        ("GivenName", "Name", users.LONGEST_NAME),
        ("GivenStatus", "Status", orders.LONGEST_STATUS),
    ],
)
def test_the_pattern_of_a_text_takes_what_the_core_takes(
    given: str, answered: str, longest: int
) -> None:
    assert users.LONGEST_NAME == products.LONGEST_NAME
    takes_given = validator(look_up(f"/components/schemas/{given}"))
    takes_answered = validator(look_up(f"/components/schemas/{answered}"))
    takes_told = validator(event_specification.look_up("#/components/schemas/Status"))
    for text in texts(longest):
        taken = core_takes("text", text, longest)
        assert takes_given(text) == taken, ascii(text)
        assert takes_answered(text) == (taken and text == text.strip()), ascii(text)
        if answered == "Status":
            assert takes_told(text) == takes_answered(text), ascii(text)


def test_the_pattern_of_an_email_takes_what_the_core_takes() -> None:
    takes = validator(look_up("/components/schemas/Email"))
    for form in VALID:
        email = form.format("x").replace("LABEL", LABEL)
        assert takes(email)
        assert core_takes("email", email)
    for email in INVALID:
        assert not takes(email), ascii(email)
        assert not core_takes("email", email)
