"""`spec/openapi.yaml`: a document of its kind, whose every status and example is met, faults inside among them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from openapi_spec_validator import validate

from adapters.inbound.http.bodies import Intake
from adapters.outbound.kafka.errors import NO_ANSWER
from adapters.outbound.memory import MemoryStorage
from bootstrap.container import Container
from conformance.http.answers import Answer
from conformance.http.causes import CAUSES, post
from conformance.http.client import Api, CheckedWire
from conformance.http.given import Shop, open_shop
from conformance.http.recipes import ENTITIES, RECIPES, WITH_BODY, Kitchen, call, path_of
from conformance.http.specification import DOCUMENT, OPERATIONS, look_up
from core.domain.errors import Overloaded, StorageUnavailable
from tests.doubles.publisher import ScriptedPublisher
from tests.harness.embedded import embedded, sabotaged

BARE = "application/problem+json"


@dataclass(frozen=True)
class Ill:
    """Services that are not well."""

    failing: Api
    """Its storage raises what nobody expects."""
    unavailable: Api
    """Its storage gives no answer."""
    overloaded: Api
    """It has too much to do."""
    impatient: Api
    """It waits for bodies for a moment only."""


@pytest.fixture(scope="module")
def ill() -> Iterator[Ill]:
    def be_impatient(container: Container) -> None:
        container.intake.override(Intake(body_seconds=0.1))

    with (
        embedded(sabotaged(RuntimeError("E11000 at 10.0.0.1"))) as failing,
        embedded(sabotaged(StorageUnavailable("no answer"))) as unavailable,
        embedded(sabotaged(Overloaded("a secret"))) as overloaded,
        embedded(MemoryStorage(), be_impatient) as impatient,
        Api(failing) as failing_api,
        Api(unavailable) as unavailable_api,
        Api(overloaded) as overloaded_api,
        Api(impatient) as impatient_api,
    ):
        yield Ill(failing_api, unavailable_api, overloaded_api, impatient_api)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with embedded(MemoryStorage()) as url, Api(url) as api:
        yield open_shop(api)


def too_late(operation_id: str, ill: Ill) -> Answer:
    """Send a part of a body."""
    with CheckedWire(ill.impatient.url) as wire:
        method = OPERATIONS[operation_id].method
        wire.begin(method, path_of(operation_id), b"Content-Length: 2").send(b"{")
        return wire.answer()


def failing(operation_id: str, ill: Ill) -> Answer:
    """Meet an error that nobody expected."""
    return call(ill.failing, operation_id)


def unavailable(operation_id: str, ill: Ill) -> Answer:
    """Meet a storage that is away."""
    return call(ill.unavailable, operation_id)


FAULTS: Mapping[tuple[str, int], Callable[[Ill], Answer]] = {
    **{(name, 408): partial(too_late, name) for name in WITH_BODY},
    **{(name, 500): partial(failing, name) for name in ENTITIES},
    **{(name, 503): partial(unavailable, name) for name in ENTITIES},
    ("ready", 503): lambda ill: ill.unavailable.call("ready"),
}


def test_the_specification_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_documented_status_is_met_and_no_other() -> None:
    documented = {
        (operation.id, status)
        for operation in OPERATIONS.values()
        for status in operation.statuses()
    }
    assert RECIPES.keys() | FAULTS.keys() == documented


@pytest.mark.parametrize(("operation_id", "status"), sorted(FAULTS))
def test_a_fault_inside_has_its_status(ill: Ill, operation_id: str, status: int) -> None:
    assert FAULTS[operation_id, status](ill).status == status


def log_in(api: Api, accept: bytes) -> Answer:
    return post(api.url, "/users/login", accept, {"email": "a@b", "password": "x"})


def log_in_too_late(ill: Ill, accept: bytes) -> Answer:
    with CheckedWire(ill.impatient.url) as wire:
        return wire.begin("POST", "/users/login", accept, b"Content-Length: 1").answer()


FAULTY_EXAMPLES: Mapping[tuple[str, str], Callable[[Ill, bytes], Answer]] = {
    ("RequestTimeout", "request_timeout"): log_in_too_late,
    ("InternalError", "internal_error"): lambda ill, accept: log_in(ill.failing, accept),
    ("Unavailable", "storage_unavailable"): lambda ill, accept: log_in(ill.unavailable, accept),
    ("Unavailable", "overloaded"): lambda ill, accept: log_in(ill.overloaded, accept),
}


def test_every_example_of_an_error_has_a_cause() -> None:
    examples = {
        (response, name)
        for response, described in look_up("/components/responses").items()
        for content in described["content"].values()
        for name in content["examples"]
    }
    assert CAUSES.keys() | FAULTY_EXAMPLES.keys() == examples


@pytest.mark.parametrize("media_type", ["application/json", BARE])
@pytest.mark.parametrize(("response", "name"), [*CAUSES, *FAULTY_EXAMPLES])
def test_an_error_is_answered_as_its_example_word_for_word(
    shop: Shop, ill: Ill, response: str, name: str, media_type: str
) -> None:
    accept = f"Accept: {media_type}".encode()
    if (response, name) in CAUSES:
        answer = CAUSES[response, name](shop, accept)
    else:
        answer = FAULTY_EXAMPLES[response, name](ill, accept)
    described: Mapping[str, Any] = look_up(f"/components/responses/{response}")
    assert answer.headers["content-type"] == media_type
    assert answer.document == described["content"][media_type]["examples"][name]["value"]
    for header in described["headers"].keys() - {"X-Request-ID", "Allow"}:
        example = look_up(f"/components/responses/{response}/headers/{header}")["example"]
        assert answer.headers[header] == str(example)


def test_health_answers_its_examples(shop: Shop) -> None:
    live, ready = OPERATIONS["live"], OPERATIONS["ready"]
    assert shop.api.call("live").body.decode() == live.response_examples(200)["live"]
    assert shop.api.call("ready").body.decode() == ready.response_examples(200)["ready"]
    with embedded(sabotaged(None)) as url, Api(url) as api:
        down = api.call("ready")
    assert (down.status, down.body.decode()) == (503, ready.response_examples(503)["storage_down"])

    def lose_the_broker(container: Container) -> None:
        publisher = ScriptedPublisher()
        publisher.down = NO_ANSWER
        container.publisher.override(publisher)

    with embedded(MemoryStorage(), lose_the_broker) as url, Api(url) as api:
        degraded = api.call("ready").body.decode()
    assert degraded == ready.response_examples(200)["events_degraded"]


TRANSPORT = {"connection", "content-length", "content-type", "date"}
"""Headers of HTTP itself."""


@pytest.mark.parametrize(("operation_id", "status"), sorted([*RECIPES, *FAULTS]))
def test_an_answer_has_no_header_that_is_not_documented(
    shop: Shop, ill: Ill, operation_id: str, status: int
) -> None:
    if (operation_id, status) in RECIPES:
        answer = RECIPES[operation_id, status](Kitchen(shop.api, shop))
    else:
        answer = FAULTS[operation_id, status](ill)
    documented = look_up(OPERATIONS[operation_id].response(status))["headers"]
    assert set(answer.headers) - TRANSPORT == {name.lower() for name in documented}
