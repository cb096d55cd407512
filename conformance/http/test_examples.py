"""The examples of the specification: sent as they stand, and answered as they say, ids and emails aside."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.causes import CAUSES
from conformance.http.client import Api
from conformance.http.exact_json import to_json
from conformance.http.given import Shop, new_name
from conformance.http.specification import OPERATIONS, Operation, look_up

pytestmark = pytest.mark.contract(lines.PUBLISHED)

BARE = "application/problem+json"
REQUEST_ID = look_up("/components/parameters/RequestId")["example"]


def replaced(value: Any, others: Mapping[str, str]) -> Any:
    """Put the ids that the service made, and emails that are free, in the place of the example's."""
    match value:
        case dict():
            return {name: replaced(member, others) for name, member in value.items()}
        case list():
            return [replaced(member, others) for member in value]
        case str():
            return others.get(value, value)
    return value


def tell(api: Api, operation: Operation, name: str, body: Any, ids: Mapping[str, str]) -> Answer:
    """Send one request of the story."""
    ids_in_path = look_up(operation.pointer)["parameters"][0].get("$ref", "").removeprefix("#")
    example = look_up(ids_in_path).get("examples", {}).get(name)
    path = operation.path.format(id=ids.get(example["value"]) if example else None)
    content = None if body is None else to_json(replaced(body, ids))
    return api.request(operation.method, path, content, {"X-Request-ID": REQUEST_ID})


def names_of(operation: Operation) -> list[str]:
    """The examples that tell a part of the story: those of the success."""
    return list(operation.response_examples(min(operation.statuses())))


@pytest.mark.contract(
    lines.PUBLISHED,
    "**The oddities are the contract.** `sucess` and the 201 in the body of an order update are sent as published",
)
def test_the_examples_tell_one_story(api: Api) -> None:
    here = new_name()
    emails = ("Ada@example.com", "ada@example.com", "ada.king@example.com")
    ids = {email: email.replace("@", f".{here}@") for email in emails}
    told = []
    page = [OPERATIONS[name] for name in OPERATIONS if OPERATIONS[name].path.count("/") > 1]
    entities = [operation for operation in page if "/health" not in operation.path]
    changes = [operation for operation in entities if operation.has_body]
    reads = [operation for operation in entities if not operation.has_body]
    for operation in changes + reads:  # reads answer what stands at the end of the story
        status = min(operation.statuses())
        for name in names_of(operation):
            body = operation.request_examples.get(name)
            answer = tell(api, operation, name, body, ids)
            expected = operation.response_examples(status)[name]
            if status == 201:
                ids[expected["data"]["data"]["_id"]] = answer.data["_id"]
            assert answer.status == status
            assert answer.document == replaced(expected, ids)
            assert answer.headers["x-request-id"] == REQUEST_ID
            told.append((operation.id, name))
    assert {(operation.id, name) for operation in entities for name in names_of(operation)} == set(
        told
    )
    for operation in changes:
        assert set(operation.request_examples) == set(names_of(operation))


@pytest.mark.contract("`GET /health/live` answers 200 while the process runs")
@pytest.mark.safe
def test_health_answers_while_the_process_runs(api: Api) -> None:
    assert api.call("live").status == 200
    assert api.call("ready").body.decode().splitlines()[0] == "storage ok"


def without_words(document: Any) -> Any:
    """Leave out what is for people: another service may say it in other words."""
    match document:
        case dict():
            kept = document.keys() - {"detail", "reason"}
            return {name: without_words(document[name]) for name in kept}
        case list():
            return [without_words(member) for member in document]
    return document


@pytest.mark.contract(
    "`data.data` holds the members of an RFC 9457 problem: `type` (`urn:orderport:problem:<code>`), `title` (fixed per "
    "code), `status`, `detail`, `code`"
)
@pytest.mark.parametrize("media_type", ["application/json", BARE])
@pytest.mark.parametrize(("response", "name"), CAUSES)
def test_an_error_is_answered_as_its_example(
    shop: Shop, response: str, name: str, media_type: str
) -> None:
    answer = CAUSES[response, name](shop, f"Accept: {media_type}".encode())
    described = look_up(f"/components/responses/{response}")
    example = described["content"][media_type]["examples"][name]["value"]
    assert answer.headers["content-type"] == media_type
    assert without_words(answer.document) == without_words(example)
    for header in described["headers"].keys() - {"X-Request-ID", "Allow", "Retry-After"}:
        shown = look_up(f"/components/responses/{response}/headers/{header}")["example"]
        assert answer.headers[header] == str(shown)
