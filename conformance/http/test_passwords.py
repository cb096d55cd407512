"""Passwords: bounded in code points, taken exactly as sent, never told apart from an unknown email."""

from statistics import median
from time import perf_counter
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.expect import failed, refused
from conformance.http.given import (
    MISSING,
    NO_ID,
    PASSWORD,
    edit_body,
    new_email,
    place,
    user_body,
)

pytestmark = pytest.mark.contract(
    "A password that is being set: 8 to 1024 characters; one that is being checked (login, `old_password`): 1 to 1024; "
    "taken exactly as sent (no trimming, no folding).",
)

EMOJI = "\N{PARTY POPPER}"


def described(password: str) -> str:
    """Name a long password shortly."""
    return f"{len(password)} x {password[:1]!a}"


@pytest.mark.parametrize(
    "password", ["x" * 8, EMOJI * 8, "x" * 1_024, EMOJI * 1_024], ids=described
)
def test_a_password_of_8_to_1024_characters_can_be_set_and_used(api: Api, password: str) -> None:
    body = user_body(password=password)
    user_id = place(api, "/users/register", body)
    login = {"email": body["email"], "password": password}
    assert api.post("/users/login", login).status == 200
    edit = edit_body(user_id, old_password=password, new_password=password[::-1])
    assert api.put(f"/users/edit/{user_id}", edit).status == 200


@pytest.mark.parametrize(
    "password", ["", "x" * 7, EMOJI * 7, "x" * 1_025, EMOJI * 1_025], ids=described
)
def test_a_shorter_or_longer_one_cannot_be_set(api: Api, password: str) -> None:
    assert refused(api.post("/users/register", user_body(password=password)), "password")
    edit = edit_body(NO_ID, new_password=password)
    assert refused(api.put(f"/users/edit/{NO_ID}", edit), "new_password")


def test_a_password_that_is_checked_has_1_to_1024_characters(api: Api) -> None:
    email = new_email()
    user_id = place(api, "/users/register", user_body(email=email))
    for password in ("x", EMOJI, "x" * 1_024):
        login = {"email": email, "password": password}
        assert failed(api.post("/users/login", login), 401, "invalid_credentials")
        edit = edit_body(user_id, old_password=password)
        assert failed(api.put(f"/users/edit/{user_id}", edit), 401, "invalid_credentials")
    for password in ("", "x" * 1_025):
        assert refused(api.post("/users/login", {"email": email, "password": password}), "password")
        edit = edit_body(user_id, old_password=password)
        assert refused(api.put(f"/users/edit/{user_id}", edit), "old_password")


@pytest.mark.contract(lines.LISTED)
@pytest.mark.parametrize("value", ["null", "12345678", "true", "[]", "{}"])
def test_a_password_is_a_string(api: Api, value: str) -> None:
    password = spelt(value)
    registration = user_body(password=password, confirm_password="x")
    assert refused(api.post("/users/register", registration), "password")
    login = {"email": "a@b", "password": password}
    assert refused(api.post("/users/login", login), "password")
    edit = edit_body(NO_ID, old_password=password, new_password=password)
    answer = api.put(f"/users/edit/{NO_ID}", edit)
    assert refused(answer, "old_password", "new_password")


@pytest.mark.contract(lines.LISTED)
def test_a_password_is_required(api: Api) -> None:
    registration = user_body(password=MISSING, confirm_password="x")
    assert refused(api.post("/users/register", registration), "password")
    assert refused(api.post("/users/login", {"email": "a@b"}), "password")
    edit = edit_body(NO_ID, old_password=MISSING, new_password=MISSING)
    answer = api.put(f"/users/edit/{NO_ID}", edit)
    assert refused(answer, "old_password", "new_password")


@pytest.mark.parametrize(
    ("password", "other"),
    [
        (" surrounded ", "surrounded"),
        ("Case Matters", "case matters"),
        ("\u00e9t\u00e9 1900", "e\u0301te\u0301 1900"),
        ("full\uff11\uff12\uff13\uff14", "full1234"),
        ("nul\u0000nul\u0000one", "nul\u0000nul\u0000two"),
        ("control\r\n\u0007", "control"),
        ("x" * 1_024, "x" * 1_023 + "y"),
    ],
    ids=["space", "case", "composition", "width", "nul", "controls", "last of 1024"],
)
def test_a_password_is_taken_exactly_as_sent(api: Api, password: str, other: str) -> None:
    body = user_body(password=password)
    place(api, "/users/register", body)
    right = {"email": body["email"], "password": password}
    assert api.post("/users/login", right).status == 200
    wrong = {"email": body["email"], "password": other}
    assert failed(api.post("/users/login", wrong), 401, "invalid_credentials")


@pytest.mark.contract(
    lines.INVALID,
    "`confirm_password` has no bounds of its own and is compared only when both are strings",
)
@pytest.mark.parametrize(
    ("password", "confirmed", "bad"),
    [
        (PASSWORD, "another", ["confirm_password"]),
        (PASSWORD, PASSWORD.upper(), ["confirm_password"]),
        (PASSWORD, "", ["confirm_password"]),
        (PASSWORD, MISSING, ["confirm_password"]),
        (PASSWORD, None, ["confirm_password"]),
        (PASSWORD, 5, ["confirm_password"]),
        ("short", "short", ["password"]),
        ("x" * 1_025, "x" * 1_025, ["password"]),
        ("short", "other", ["password", "confirm_password"]),
        (MISSING, "x", ["password"]),
        (None, "x", ["password"]),
        (5, 5, ["password", "confirm_password"]),
        (MISSING, MISSING, ["password", "confirm_password"]),
    ],
    ids=str,
)
def test_confirm_password_is_compared_only_when_both_are_strings(
    api: Api, password: Any, confirmed: Any, bad: list[str]
) -> None:
    body = user_body(password=password, confirm_password=confirmed)
    assert refused(api.post("/users/register", body), *bad)


@pytest.mark.contract(
    'an unknown email answers the same, in the same time; with `WWW-Authenticate: Password realm="orderport"`'
)
def test_an_unknown_email_answers_as_a_wrong_password_does(api: Api) -> None:
    email = new_email()
    place(api, "/users/register", user_body(email=email))
    wrong = api.post("/users/login", {"email": email, "password": "wrong"})
    unknown = api.post("/users/login", {"email": new_email(), "password": "wrong"})
    for answer in (wrong, unknown):
        assert failed(answer, 401, "invalid_credentials")
        assert answer.headers["www-authenticate"] == 'Password realm="orderport"'
    assert wrong.document == unknown.document


@pytest.mark.contract(
    'an unknown email answers the same, in the same time; with `WWW-Authenticate: Password realm="orderport"`'
)
def test_an_unknown_email_takes_as_long_as_a_wrong_password(api: Api) -> None:
    email = new_email()
    place(api, "/users/register", user_body(email=email))

    def seconds(email: str) -> float:
        began = perf_counter()
        assert api.post("/users/login", {"email": email, "password": "wrong"}).status == 401
        return perf_counter() - began

    pairs = [(seconds(email), seconds(new_email())) for _ in range(7)]
    wrong, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < unknown / wrong < 2  # a lookup alone would be a twentieth
