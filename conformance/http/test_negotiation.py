"""An error is an envelope, or a bare problem where `Accept` asks for just that."""

import pytest

from conformance.http.answers import Answer
from conformance.http.client import Api, exchange
from conformance.http.given import NO_ID

pytestmark = pytest.mark.contract(
    "The bare problem document, as `application/problem+json`, is sent when `Accept` names that type and does not "
    "name `application/json`; no `Accept` is ever refused, and errors carry `Vary: Accept`.",
)

BARE = "application/problem+json"

FOR_A_BARE_PROBLEM = [
    [BARE],
    ["Application/Problem+JSON"],
    [f"{BARE};q=0.5"],
    [f" {BARE} ; charset=utf-8 ; q=1"],
    [f"{BARE}, */*"],
    [f"text/html,{BARE},*/*;q=0.1"],
    ["*/*", BARE],
    [f"application/*, {BARE}"],
    [f"{BARE}, application/jsonlines"],
    [f"{BARE}, application/json+x"],
    [f"{BARE}, text/x;y=application/json"],
    ["", BARE],
]
FOR_AN_ENVELOPE = [
    [],
    [""],
    ["*/*"],
    ["application/*"],
    ["application/json"],
    ["text/html"],
    ["text/html;q=0"],
    ["nonsense"],
    [",;,/"],
    [f"{BARE}, application/json"],
    [f"application/json;q=0.1, {BARE}"],
    [f"{BARE}, APPLICATION/JSON;charset=utf-8"],
    [BARE, "application/json"],
    ["application/json", BARE],
    ["application/problem"],
    ["application/problem+xml"],
    ["x" * 50_000],
]


def fail(url: str, accept: list[str]) -> Answer:
    lines = [f"Accept: {value}".encode() for value in accept]
    return exchange(url, "GET", f"/orders/{NO_ID}", *lines)


def shortened(accept: list[str]) -> str:
    return " & ".join(accept)[:60] or str(accept)


@pytest.mark.safe
@pytest.mark.parametrize("accept", FOR_A_BARE_PROBLEM, ids=shortened)
def test_a_bare_problem_is_sent_when_accept_names_it_and_not_json(
    url: str, accept: list[str]
) -> None:
    answer = fail(url, accept)
    assert answer.status == 404
    assert answer.headers["content-type"] == BARE
    assert answer.headers.get_list("vary") == ["Accept"]
    assert answer.document.keys() == {"type", "title", "status", "detail", "code"}
    assert answer.document["type"] == "urn:orderport:problem:not_found"


@pytest.mark.safe
@pytest.mark.parametrize("accept", FOR_AN_ENVELOPE, ids=shortened)
def test_an_envelope_is_sent_otherwise(url: str, accept: list[str]) -> None:
    answer = fail(url, accept)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get_list("vary") == ["Accept"]
    assert answer.document.keys() == {"status", "message", "data"}
    assert (answer.document["status"], answer.document["message"]) == (404, "error")
    assert answer.data == fail(url, [BARE]).document


@pytest.mark.contract(
    'Every answer is one envelope: `{"status": <int>, "message": <string>, "data": {"data": <object>}}`.'
)
@pytest.mark.parametrize("accept", [BARE, "text/html", "application/json;q=0", "image/*;q=0.1"])
def test_a_success_is_an_envelope_whatever_is_accepted(api: Api, url: str, accept: str) -> None:
    answer = api.post("/products/new", {"name": "x", "stock": 0}, {"Accept": accept})
    assert (answer.status, answer.headers["content-type"]) == (201, "application/json")
    read = exchange(url, "GET", answer.headers["location"], f"Accept: {accept}".encode())
    assert (read.status, read.headers["content-type"]) == (200, "application/json")


def test_errors_with_fields_are_bare_too(api: Api) -> None:
    answer = api.post("/products/new", {}, {"Accept": BARE})
    assert answer.headers["content-type"] == BARE
    assert [error["field"] for error in answer.document["errors"]] == ["name", "stock"]
