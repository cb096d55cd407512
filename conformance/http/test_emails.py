"""Emails: as the HTML standard has them, kept as sent, one user each without regard to case."""

from typing import Any

import pytest

from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.expect import failed, refused
from conformance.http.given import (
    MISSING,
    NO_ID,
    PASSWORD,
    edit_body,
    new_email,
    new_name,
    place,
    user_body,
)

pytestmark = pytest.mark.contract(
    "`email`: a valid address as the HTML standard defines it for `input type=email`, at most 254",
    "never trimmed, kept and answered as sent, found and unique without regard to case",
)

LABEL = "l" * 63


def long_email(length: int) -> str:
    """Give a new email of this length."""
    ending = f"@{LABEL}.{LABEL}.{LABEL}"
    return new_email().replace("@", "-").ljust(length - len(ending), "x") + ending


VALID = [
    "{}@b",
    "A.{}.B@C.D",
    ".{}.@dots",
    "a..{}.@dots",
    "-{}@1",
    "{}@0-0.1",
    "!#$%&'*+/=?^_`{{|}}~-.09azAZ{}@specials",
    "{}@LABEL",
    "{}@LABEL.x.LABEL",
]
INVALID = [
    "",
    "a",
    "@b",
    "a@",
    "a@b@c",
    "a@.b",
    "a@b.",
    "a@b..c",
    "a@-b",
    "a@b-",
    "a@b-.c",
    "a@b_c",
    "a b@c",
    " a@b",
    "a@b ",
    "a@b\n",
    "\na@b",
    "a@b\u0000",
    '"a"@b',
    "a,b@c",
    "a@[1.2.3.4]",
    "<a@b>",
    "\u00e4@b",
    "a@\u00e4",
    "\N{KELVIN SIGN}@b",
    "a\uff20b",
    f"label@{LABEL}l",
    f"label@x.{LABEL}l.y",
]


@pytest.mark.parametrize("form", VALID)
def test_a_valid_email_is_kept_and_answered_as_sent(api: Api, form: str) -> None:
    email = form.format(new_name()).replace("LABEL", LABEL)
    answer = api.post("/users/register", user_body(email=email))
    assert answer.status == 201
    assert answer.data["email"] == email
    assert api.get(f"/users/{answer.data['_id']}").data["email"] == email


@pytest.mark.parametrize("email", INVALID, ids=ascii)
def test_an_invalid_email_is_refused(api: Api, email: str) -> None:
    assert refused(api.post("/users/register", user_body(email=email)), "email")
    login = {"email": email, "password": PASSWORD}
    assert refused(api.post("/users/login", login), "email")
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, email=email)), "email")


def test_an_email_has_at_most_254_characters(api: Api) -> None:
    longest, too_long = long_email(254), long_email(255)
    assert (len(longest), len(too_long)) == (254, 255)
    assert api.post("/users/register", user_body(email=longest)).data["email"] == longest
    assert refused(api.post("/users/register", user_body(email=too_long)), "email")
    assert api.post("/users/login", {"email": longest, "password": "x"}).status == 401
    assert refused(api.post("/users/login", {"email": too_long, "password": "x"}), "email")


@pytest.mark.contract(
    "`null` is a wrong type", "`name` `email` `password` `confirm_password`, strings"
)
@pytest.mark.parametrize("value", ["null", "1", "true", "[]", "{}"])
def test_an_email_is_a_string(api: Api, value: str) -> None:
    email = spelt(value)
    assert refused(api.post("/users/register", user_body(email=email)), "email")
    assert refused(api.post("/users/login", {"email": email, "password": "x"}), "email")
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, email=email)), "email")


@pytest.mark.contract("A listed field of a request is required")
def test_an_email_is_required(api: Api) -> None:
    assert refused(api.post("/users/register", user_body(email=MISSING)), "email")
    assert refused(api.post("/users/login", {"password": "x"}), "email")
    assert refused(api.put(f"/users/edit/{NO_ID}", edit_body(NO_ID, email=MISSING)), "email")


@pytest.fixture
def ada(api: Api) -> dict[str, Any]:
    body = user_body(email=f"Ada.{new_email()}")
    return body | {"_id": place(api, "/users/register", body)}


@pytest.mark.contract(
    "| 409 | `email_taken` | another user has that email, case aside |",
    "found and unique without regard to case",
)
def test_an_email_is_unique_without_regard_to_case(api: Api, ada: dict[str, Any]) -> None:
    for email in (ada["email"], ada["email"].upper(), ada["email"].lower()):
        answer = api.post("/users/register", user_body(email=email))
        assert failed(answer, 409, "email_taken")


@pytest.mark.contract(
    "| 409 | `email_taken` | another user has that email, case aside |",
    "found and unique without regard to case",
)
def test_a_user_can_change_the_case_of_the_email_but_not_take_anothers(
    api: Api, ada: dict[str, Any]
) -> None:
    path = f"/users/edit/{ada['_id']}"
    upper = ada["email"].upper()
    edited = api.put(path, edit_body(ada["_id"], email=upper, new_password=PASSWORD))
    assert edited.data["email"] == upper
    other = place(api, "/users/register", user_body())
    answer = api.put(f"/users/edit/{other}", edit_body(other, email=ada["email"]))
    assert failed(answer, 409, "email_taken")
    assert api.get(f"/users/{other}").headers["etag"] == '"1"'


def test_an_email_that_was_given_up_is_free_again(api: Api, ada: dict[str, Any]) -> None:
    assert api.put(f"/users/edit/{ada['_id']}", edit_body(ada["_id"])).status == 200
    assert api.post("/users/register", user_body(email=ada["email"])).status == 201
