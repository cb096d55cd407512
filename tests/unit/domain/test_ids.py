import pytest

from core.domain.ids import parse_id

LOWER = "0123456789abcdef01234567"


@pytest.mark.parametrize("text", [LOWER, LOWER.upper(), "0123456789AbCdEf01234567"])
def test_an_id_is_24_hexadecimal_digits_in_either_case_and_becomes_lower_case(text: str) -> None:
    assert parse_id(text) == LOWER


@pytest.mark.parametrize(
    "value",
    [
        "",
        LOWER[:-1],
        LOWER + "0",
        LOWER[:-1] + "g",
        LOWER + "\n",
        " " + LOWER[1:],
        LOWER[:-1] + "٣",  # a digit, but no hexadecimal one
        "0x" + LOWER[2:],
        LOWER.encode(),
        int(LOWER, 16),
        [LOWER],
        True,
        None,
    ],
)
def test_nothing_else_is_an_id(value: object) -> None:
    assert parse_id(value) is None
