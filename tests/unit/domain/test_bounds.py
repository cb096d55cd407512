"""The bounds of each kind of value, from both sides."""

from decimal import Decimal

import pytest

from core.domain.errors import Invalid
from core.domain.fields import Fields
from tests.doubles.clock import counted_id

LONGEST_LABEL = "a" * 63
CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]


def is_taken(kind: str, value: object, *bounds: int) -> bool:
    fields = Fields({"it": value})
    getattr(fields, kind)("it", *bounds)
    try:
        fields.check()
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    "text", ["a", "a" * 64, "😀" * 64, "\u3000a\u3000", " " * 99 + "a", "a\u200bb"]
)
def test_a_text_has_1_to_64_code_points_white_space_around_it_aside(text: str) -> None:
    fields = Fields({"it": text})
    assert fields.text("it", 64) == text.strip()
    fields.check()


@pytest.mark.parametrize("text", ["", " ", "\t\n\u3000", "a" * 65, "😀" * 65])
def test_a_text_beyond_its_bounds_is_refused(text: str) -> None:
    assert not is_taken("text", text, 64)


@pytest.mark.parametrize("character", CONTROLS)
def test_a_text_has_no_control_characters_inside(character: str) -> None:
    assert not is_taken("text", f"a{character}b", 64)


def test_a_control_character_that_is_white_space_may_stand_around_a_text() -> None:
    assert is_taken("text", "\x1fa\x85", 64)


@pytest.mark.parametrize(
    "email",
    [
        "a@b",
        "Ada.Lovelace+x@Example.com",
        ".a..b.@example.com",
        "!#$%&'*+/=?^_`{|}~-@example.com",
        "1@2.3",
        "a@x-y.example",
        f"a@{LONGEST_LABEL}.{LONGEST_LABEL}",
        "a" * 242 + "@example.com",
    ],
)
def test_an_email_is_what_the_html_standard_calls_valid(email: str) -> None:
    fields = Fields({"it": email})
    assert fields.email("it") == email
    fields.check()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "@example.com",
        "a@",
        "a@b@c",
        "a b@example.com",
        " a@example.com",
        "a@example.com ",
        "a@example.com\n",
        "a@-example.com",
        "a@example-.com",
        "a@example..com",
        "a@.com",
        "a@example.com.",
        "a@exa_mple.com",
        f"a@{LONGEST_LABEL}a.com",
        "a,b@example.com",
        '"a"@example.com',
        "a(b)@example.com",
        "a@[127.0.0.1]",
        "é@example.com",
        "a@éxample.com",
        "a@example.com" + "\u0000",
        "a" * 243 + "@example.com",
    ],
)
def test_anything_else_is_no_email(email: str) -> None:
    assert not is_taken("email", email)


@pytest.mark.parametrize("password", [" " * 8, "a" * 8, "😀" * 1_024, "\x00" * 8])
def test_a_password_that_is_set_has_8_to_1024_characters_taken_as_sent(password: str) -> None:
    fields = Fields({"it": password})
    assert fields.password("it", 8) == password
    fields.check()


@pytest.mark.parametrize("password", ["", "a" * 7, "a" * 1_025])
def test_a_password_that_is_set_beyond_its_bounds_is_refused(password: str) -> None:
    assert not is_taken("password", password, 8)


def test_a_password_that_is_checked_may_be_shorter() -> None:
    assert is_taken("password", "a")
    assert not is_taken("password", "")
    assert is_taken("password", "a" * 1_024)
    assert not is_taken("password", "a" * 1_025)


@pytest.mark.parametrize(("lowest", "value"), [(0, 0), (1, 1), (1, 2_147_483_647)])
def test_an_integer_lies_within_its_bounds(lowest: int, value: int) -> None:
    assert is_taken("integer", value, lowest)


@pytest.mark.parametrize(("lowest", "value"), [(0, -1), (1, 0), (0, 2_147_483_648), (0, 10**100)])
def test_an_integer_beyond_its_bounds_is_refused(lowest: int, value: int) -> None:
    assert not is_taken("integer", value, lowest)


@pytest.mark.parametrize("value", [Decimal("1e2"), Decimal("1.0"), "1", True, None, 1.0])
def test_nothing_but_an_int_is_an_integer(value: object) -> None:
    assert not is_taken("integer", value, 0)


@pytest.mark.parametrize("value", [0, 10**12, Decimal("12.50"), Decimal("-0")])
def test_a_price_is_an_int_or_a_decimal_within_its_bounds(value: object) -> None:
    assert is_taken("price", value)


@pytest.mark.parametrize(
    "value", [-1, Decimal("1e13"), Decimal("Infinity"), "1", True, None, 12.5, [1]]
)
def test_anything_else_is_no_price(value: object) -> None:
    assert not is_taken("price", value)


@pytest.mark.parametrize("value", ["", "x" * 24, 5, None, [counted_id(1)]])
def test_an_id_of_the_wrong_form_or_type_is_refused(value: object) -> None:
    assert not is_taken("id", value)


@pytest.mark.parametrize("value", [5, None, True, ["a"], b"a", Decimal(1)])
@pytest.mark.parametrize("kind", ["string", "email", "password"])
def test_nothing_but_a_string_is_a_string(kind: str, value: object) -> None:
    assert not is_taken(kind, value)


def test_a_string_has_no_bounds() -> None:
    assert is_taken("string", "")
    assert is_taken("string", "\x00" * 10_000)
