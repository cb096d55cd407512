"""Contract, specifications and handlers say the same: no path, method, status, field, bound or header in one alone."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from adapters.inbound.http import problems
from adapters.inbound.http.problems import Problem
from adapters.outbound.memory import MemoryPublisher, MemoryStorage
from bootstrap.container import Container
from conformance.http.specification import OPERATIONS, look_up
from tests.harness.process import REPOSITORY

CONTRACT = (REPOSITORY / "docs/contract.md").read_text()
PAGES = {"/openapi.yaml", "/openapi.json", "/docs", "/docs/{}"}
"""What describes the API, and does not describe itself."""
NOT_SERVED_YET = {
    "idempotency_in_progress",
    "idempotency_key_reused",
    "precondition_failed",
    "too_many_attempts",
}


def shape(path: str) -> str:
    """Leave out how parameters are named."""
    return re.sub(r"[{:][^/]*", "{}", path)


@pytest.fixture(scope="module")
def served() -> set[tuple[str, str]]:
    """Every path and method that the framework has a handler for; HEAD belongs to GET, and OPTIONS to all."""
    publisher = MemoryPublisher("orders", lambda _: None)
    container = Container(storage=MemoryStorage(), publisher=publisher)
    edge: Any = container.app()
    framework: Litestar = vars(edge)["_app"]
    publisher.close()
    container.passwords().close()
    routes = [route for route in framework.routes if isinstance(route, HTTPRoute)]
    assert all(("GET" in route.methods) == ("HEAD" in route.methods) for route in routes)
    return {
        (shape(route.path), method)
        for route in routes
        for method in route.methods - {"HEAD", "OPTIONS"}
    }


def test_what_is_served_is_specified_and_what_is_specified_is_served(
    served: set[tuple[str, str]],
) -> None:
    specified = {(shape(operation.path), operation.method) for operation in OPERATIONS.values()}
    # `/users/edit` is a user's path as well: the router has to be told, the specification has not.
    fixed = {(path, method) for path, method in served if not path.endswith("{}")}
    same = {(path, method) for path, method in fixed if (is_an_id_of(path), method) in specified}
    assert served - same - {(page, "GET") for page in PAGES} == specified
    assert served >= {(page, "GET") for page in PAGES}


def is_an_id_of(path: str) -> str:
    """Give the path whose parameter the last part of a fixed one is."""
    return f"{path.rpartition('/')[0]}/{{}}"


def rows(after: str) -> list[list[str]]:
    """Give the cells of the contract's table that follows."""
    table = CONTRACT.partition(after)[2].lstrip().partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_published_table_is_specified_and_nothing_else_is_but_what_reads_and_health() -> None:
    published = rows("as MongoDB writes it.\n")
    assert len(published) == 8
    by_path = {(shape(it.path), it.method): it for it in OPERATIONS.values()}
    previous: list[str] = []
    answered: list[str] = []
    for operation, request, http_status, status, message, data in published:
        method, path = operation.strip("`").split(" ")
        specified = by_path.pop((shape(path), method))
        fields = [name for name in names(request) if name not in {"product_id", "quantity"}]
        fields += previous if "all fields of the above" in request else []
        assert (list(specified.fields) if specified.has_body else []) == fields
        envelope = success_of(specified.pointer, int(http_status))
        assert envelope["status"]["const"] == int(re.sub(r"\D", "", status))
        assert envelope["message"]["const"] == names(message)[0]
        if data != "the same five fields":
            previous, answered = fields, names(data)
        assert set(fields_of(envelope)) == set(answered)
    assert {it.id for it in by_path.values()} == {"getOrder", "getProduct", "live", "ready"}


def success_of(pointer: str, status: int) -> Mapping[str, Any]:
    """Give the members of an answer's envelope, as the operation narrows them."""
    schema = look_up(f"{pointer}/responses/{status}/content/application~1json/schema")
    return cast(Mapping[str, Any], schema["allOf"][1]["properties"])


def fields_of(envelope: Mapping[str, Any]) -> Sequence[str]:
    """Give the fields of what is answered: all of them required, and no others."""
    reference = envelope["data"]["properties"]["data"]["$ref"]
    schema = look_up(reference.removeprefix("#"))
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == schema["properties"].keys()
    return list(schema["required"])


def known_problems() -> set[tuple[int, str, str]]:
    """Every problem that the adapter can answer."""
    named = [value for value in vars(problems).values() if isinstance(value, Problem)]
    return {(it.status, it.code, it.title) for it in [*named, *problems.PROBLEMS.values()]}


def test_contract_specification_and_adapter_know_the_same_problems() -> None:
    specified = {
        tuple(variant["properties"][name]["const"] for name in ("status", "code", "title"))
        for variant in look_up("/components/schemas/Problem")["anyOf"]
    }
    assert specified == known_problems()
    in_contract = {
        (int(status), code)
        for status, codes, _when in rows("stack\ntrace, no driver message.\n")
        for code in names(codes)
    }
    served = {(status, code) for status, code, _title in known_problems()}
    assert served <= in_contract
    assert {code for _status, code in in_contract - served} == NOT_SERVED_YET


def test_every_status_of_an_error_is_one_that_the_envelope_allows() -> None:
    statuses = {status for status, _code, _title in known_problems()}
    allowed = {
        variant["properties"]["status"]["const"]
        for variant in look_up("/components/schemas/Error")["anyOf"]
    }
    assert allowed == statuses
    specified = {s for it in OPERATIONS.values() for s in it.statuses() if s >= 400}
    assert specified | {405} == statuses  # 405 is the answer of no operation
