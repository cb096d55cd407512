"""The examples of the specification: sent as they stand, and answered as they say, ids aside."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from adapters.inbound.http.bodies import Intake
from adapters.outbound.memory import MemoryStorage
from bootstrap.container import Container
from core.domain.errors import Overloaded, StorageUnavailable
from tests.contract.http.client import Api, CheckedWire, exchange
from tests.contract.http.given import NO_ID, Shop, place, user_body
from tests.contract.http.specification import OPERATIONS, Operation, look_up
from tests.harness.answers import Answer
from tests.harness.embedded import embedded, sabotaged
from tests.harness.events import Service
from tests.harness.exact_json import to_json

BARE = "application/problem+json"
REQUEST_ID = look_up("/components/parameters/RequestId")["example"]


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """Put the ids that the service made in the place of the example's."""
    match value:
        case dict():
            return {name: with_ids(member, ids) for name, member in value.items()}
        case list():
            return [with_ids(member, ids) for member in value]
        case str():
            return ids.get(value, value)
    return value


def tell(api: Api, operation: Operation, name: str, body: Any, ids: Mapping[str, str]) -> Answer:
    """Send one request of the story."""
    ids_in_path = look_up(operation.pointer)["parameters"][0].get("$ref", "").removeprefix("#")
    example = look_up(ids_in_path).get("examples", {}).get(name)
    path = operation.path.format(id=ids.get(example["value"]) if example else None)
    content = None if body is None else to_json(with_ids(body, ids))
    return api.request(operation.method, path, content, {"X-Request-ID": REQUEST_ID})


def names_of(operation: Operation) -> list[str]:
    """The examples that tell a part of the story: those of the success."""
    return list(operation.response_examples(min(operation.statuses())))


def test_the_examples_tell_one_story(api: Api) -> None:
    ids: dict[str, str] = {}
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
            assert answer.document == with_ids(expected, ids)
            assert answer.headers["x-request-id"] == REQUEST_ID
            told.append((operation.id, name))
    assert {(operation.id, name) for operation in entities for name in names_of(operation)} == set(
        told
    )
    for operation in changes:
        assert set(operation.request_examples) == set(names_of(operation))


def test_health_answers_its_examples(api: Api, unavailable: Api) -> None:
    live, ready = OPERATIONS["live"], OPERATIONS["ready"]
    assert api.call("live").body.decode() == live.response_examples(200)["live"]
    assert api.call("ready").body.decode() == ready.response_examples(200)["ready"]
    down = ready.response_examples(503)["storage_down"].replace("no answer in time", "no answer")
    assert unavailable.call("ready").body.decode() == down


@pytest.fixture(scope="module")
def unavailable() -> Iterator[Api]:
    with embedded(sabotaged(StorageUnavailable("no answer"))) as url, Api(url) as api:
        yield api


Cause = Callable[[Service, Shop, bytes], Answer]
"""Gets an error, given a header line that says what is accepted."""


def post(url: str, path: str, accept: bytes, body: Any) -> Answer:
    return exchange(url, "POST", path, accept, body=to_json(body))


def log_in_at(storage_error: Exception) -> Cause:
    def cause(_service: Service, _shop: Shop, accept: bytes) -> Answer:
        with embedded(sabotaged(storage_error)) as url:
            body = {"email": "a@b", "password": "x"}
            return post(url, "/users/login", accept, body)

    return cause


def email_taken(service: Service, shop: Shop, accept: bytes) -> Answer:
    body = user_body()
    place(shop.api, "/users/register", body)
    return post(service.url, "/users/register", accept, body)


def too_late(_service: Service, _shop: Shop, accept: bytes) -> Answer:
    def be_impatient(container: Container) -> None:
        container.intake.override(Intake(body_seconds=0.1))

    with embedded(MemoryStorage(), be_impatient) as url, CheckedWire(url) as wire:
        return wire.begin("POST", "/users/login", accept, b"Content-Length: 1").answer()


def bad_host(service: Service, _shop: Shop, accept: bytes) -> Answer:
    with CheckedWire(service.url) as wire:
        return wire.begin("GET", f"/orders/{NO_ID}", accept, host=b"a b").answer()


def two_bad_fields(service: Service, shop: Shop, accept: bytes) -> Answer:
    body = shop.order_body(items=[shop.item(quantity=0)])
    del body["status"]
    return post(service.url, "/orders/new", accept, body)


def order_of_unknown(service: Service, shop: Shop, accept: bytes, **changes: str) -> Answer:
    items = [shop.item(), shop.item(), shop.item(product_id=NO_ID)]
    return post(service.url, "/orders/new", accept, shop.order_body(items=items) | changes)


def get(path: str) -> Cause:
    return lambda service, _shop, accept: exchange(service.url, "GET", path, accept)


def post_bytes(body: bytes, *headers: bytes) -> Cause:
    return lambda service, _shop, accept: exchange(
        service.url, "POST", "/users/login", accept, *headers, body=body
    )


CAUSES: Mapping[tuple[str, str], Cause] = {
    ("BadRequest", "bad_request"): bad_host,
    ("BadRequest", "malformed_json"): post_bytes(b"{"),
    ("BadRequest", "validation_failed"): two_bad_fields,
    ("BadId", "bad_request"): bad_host,
    ("BadId", "validation_failed"): get("/orders/x"),
    ("InvalidCredentials", "invalid_credentials"): post_bytes(b'{"email":"a@b","password":"x"}'),
    ("NotFound", "not_found"): get(f"/orders/{NO_ID}"),
    ("MethodNotAllowed", "method_not_allowed"): get("/orders/new"),
    ("RequestTimeout", "request_timeout"): too_late,
    ("EmailTaken", "email_taken"): email_taken,
    ("BodyTooLarge", "body_too_large"): post_bytes(b"{}" + b" " * 1_048_576),
    ("UnsupportedMediaType", "unsupported_media_type"): post_bytes(
        b"{}", b"Content-Type: text/plain"
    ),
    ("UnknownReference", "unknown_customer"): lambda service, shop, accept: order_of_unknown(
        service, shop, accept, customer_id=NO_ID
    ),
    ("UnknownReference", "unknown_product"): order_of_unknown,
    ("InternalError", "internal_error"): log_in_at(RuntimeError("a secret")),
    ("Unavailable", "storage_unavailable"): log_in_at(StorageUnavailable("a secret")),
    ("Unavailable", "overloaded"): log_in_at(Overloaded("a secret")),
}


def test_every_example_of_an_error_has_a_cause() -> None:
    examples = {
        (response, name)
        for response, described in look_up("/components/responses").items()
        for content in described["content"].values()
        for name in content["examples"]
    }
    assert CAUSES.keys() == examples


@pytest.mark.parametrize("media_type", ["application/json", BARE])
@pytest.mark.parametrize(("response", "name"), CAUSES)
def test_an_error_is_answered_as_its_example(
    service: Service, shop: Shop, response: str, name: str, media_type: str
) -> None:
    answer = CAUSES[response, name](service, shop, f"Accept: {media_type}".encode())
    described = look_up(f"/components/responses/{response}")
    assert answer.headers["content-type"] == media_type
    assert answer.document == described["content"][media_type]["examples"][name]["value"]
    headers = described["headers"].keys() - {"X-Request-ID", "Allow"}
    for header in headers:
        example = look_up(f"/components/responses/{response}/headers/{header}")["example"]
        assert answer.headers[header] == str(example)
