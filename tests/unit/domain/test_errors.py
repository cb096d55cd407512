import pytest

from core.domain.errors import Fault, Invalid, OrderportError, UnknownReference, WrongSettings


@pytest.mark.parametrize(
    "error",
    [
        Invalid([Fault("name", "is missing"), Fault("stock", "is missing")]),
        UnknownReference([Fault("name", "?"), Fault("stock", "?")], customer=False),
    ],
)
def test_an_error_about_fields_names_them_in_its_message(
    error: Invalid | UnknownReference,
) -> None:
    assert str(error) == "name, stock"
    assert [fault.field for fault in error.faults] == ["name", "stock"]
    assert isinstance(error, OrderportError)


def test_wrong_settings_are_all_told_in_one_line() -> None:
    error = WrongSettings(["A is wrong", "B is missing"])
    assert str(error) == "A is wrong; B is missing"
    assert error.problems == ("A is wrong", "B is missing")
