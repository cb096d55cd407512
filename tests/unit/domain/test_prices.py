from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.prices import exact_price, parse_number

KEPT = {  # as sent: as kept
    "0": "0",
    "-0": "0",
    "-0.0": "0",
    "0.000": "0",
    "0e9999": "0",
    "0E-9999": "0",
    "-0e+9999": "0",
    "12": "12",
    "12.5": "12.5",
    "12.50": "12.5",
    "1250e-2": "12.5",
    "1.25E1": "12.5",
    "100": "100",
    "1e2": "100",
    "1E+2": "100",
    "1e12": "1000000000000",
    "1000000000000.000": "1000000000000",
    "0.000001e18": "1000000000000",
    "1e-34": "0." + "0" * 33 + "1",
    "10e-35": "0." + "0" * 33 + "1",
    "1000e-37": "0." + "0" * 33 + "1",
    "0." + "0" * 9_000 + "1e9000": "0.1",
    "1" + "0" * 9_000 + "e-9000": "1",
    "1e0000000000000000000000000000000000001": "10",
    "1e-0000000000000000000000000000000000001": "0.1",
    "0." + "1" * 34: "0." + "1" * 34,
    "0." + "1" * 34 + "0" * 50: "0." + "1" * 34,
    "123456789012." + "1" * 22: "123456789012." + "1" * 22,
    "999999999999.9999999999999999999999": "999999999999.9999999999999999999999",
    "0.1000000000000000055511151231257827": "0.1000000000000000055511151231257827",
}
OUT_OF_BOUNDS = [
    "-1",
    "-0.01",
    "-1e-34",
    "1000000000001",
    "1000000000000." + "0" * 20 + "1",
    "1e13",
    "1e9999",
    "1e10000",
    "0e10000",
    "0e-10000",
    "-0e10000",
    "0.0e00010000",
    "1e-10000",
    "1e999999999999999999999",
    "0E-999999999999999999999",
    "1e-35",
    "11e-35",
    "0." + "0" * 34 + "1",
    "0." + "1" * 35,
    "1." + "1" * 34,
    "123456789012." + "1" * 23,
    "1e-9999",
]


def short(text: str) -> str:
    return text if len(text) < 40 else f"{text[:10]}...{text[-10:]} ({len(text)})"


@pytest.mark.parametrize(("sent", "kept"), KEPT.items(), ids=map(short, KEPT))
def test_a_price_within_bounds_is_kept_to_the_last_digit_in_one_spelling(
    sent: str, kept: str
) -> None:
    price = exact_price(parse_number(sent))
    assert price is not None
    assert f"{price:f}" == kept
    assert price == Decimal(sent)


@pytest.mark.parametrize("sent", OUT_OF_BOUNDS, ids=short)
def test_a_price_out_of_bounds_is_refused(sent: str) -> None:
    assert exact_price(parse_number(sent)) is None


@pytest.mark.parametrize(("number", "kept"), [(0, "0"), (7, "7"), (10**12, "1000000000000")])
def test_an_int_is_a_price_too(number: int, kept: str) -> None:
    assert str(exact_price(number)) == kept


@pytest.mark.parametrize("number", [-1, 10**12 + 1, 10**100, -(10**100)])
def test_an_int_out_of_bounds_is_refused(number: int) -> None:
    assert exact_price(number) is None


def test_an_exponent_of_millions_of_digits_is_judged_by_its_length() -> None:
    assert parse_number("1e" + "9" * 1_000_000) == Decimal("Infinity")


def test_exponents_up_to_9999_are_read_as_they_are() -> None:
    assert parse_number("3e9999") == Decimal("3e9999")
    assert parse_number("3e-9999") == Decimal("3e-9999")


digits = st.lists(st.sampled_from("0123456789"), min_size=1, max_size=45).map("".join)
numbers = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**41),
    st.just("") | digits.map(".{}".format),
    st.just("") | st.integers(-10_050, 10_050).map("e{:+06}".format),
)
near_the_bounds = st.builds(
    "{}{}e{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**36),
    st.integers(-50, 14),
)


@given(numbers | near_the_bounds)
def test_a_number_is_kept_exactly_or_refused_by_its_value(text: str) -> None:
    price = exact_price(parse_number(text))

    exponent = int(text.partition("e")[2] or 0)
    scaled = Fraction(Decimal(text)) * 10**34
    within = (
        abs(exponent) <= 9_999
        and 0 <= scaled <= 10**46
        and scaled.denominator == 1  # at most 34 decimals
        and len(str(scaled.numerator).rstrip("0")) <= 34
    )
    assert (price is not None) == within
    if price is not None:
        assert price == Decimal(text)
        assert f"{price:f}" == f"{exact_price(price):f}"
