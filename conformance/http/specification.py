"""`spec/openapi.yaml`, and whether an answer keeps it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import shorten
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.breach import Breach, demand
from conformance.http.exact_yaml import from_yaml
from conformance.http.patterns import reading_patterns

WRITTEN = files("spec").joinpath("openapi.yaml").read_bytes()
SchemaValidator = reading_patterns(Draft202012Validator)
ADDRESS = "urn:orderport:openapi"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
REQUEST_ID = re.compile(r"[!-~]{1,128}").fullmatch
BY_NOBODY = {
    400: "/components/responses/BadRequest",
    404: "/components/responses/NotFound",
    405: "/components/responses/MethodNotAllowed",
}
"""What requests are answered that are no operation."""

DOCUMENT: Mapping[str, Any] = from_yaml(WRITTEN)
_registry: Registry[Any] = Registry().with_resource(ADDRESS, DRAFT202012.create_resource(DOCUMENT))


@dataclass(frozen=True)
class Operation:
    """One operation, where it stands in the specification, and what it may answer."""

    id: str
    method: str
    path: str
    pointer: str

    @property
    def has_body(self) -> bool:
        """Whether it takes a request body."""
        return "requestBody" in look_up(self.pointer)

    @property
    def request_examples(self) -> Mapping[str, Any]:
        """The examples of its request body, by name."""
        if not self.has_body:
            return {}
        return _examples(f"{self.pointer}/requestBody/content/application~1json")

    @property
    def fields(self) -> Sequence[str]:
        """The fields of its request body: each that is listed is required."""
        schema = look_up(f"{self.pointer}/requestBody/content/application~1json/schema")
        return list(schema["required"])

    def statuses(self) -> list[int]:
        """Every status that it may answer."""
        return [int(status) for status in look_up(f"{self.pointer}/responses")]

    def response(self, status: int) -> str:
        """Give the pointer to what it answers with a status. Raises KeyError."""
        return f"{self.pointer}/responses/{status}"

    def response_examples(self, status: int) -> Mapping[str, Any]:
        """The examples of its answer with a status, by name, as JSON or text."""
        (media_type, *_bare) = look_up(f"{self.response(status)}/content")
        return _examples(f"{self.response(status)}/content/{media_type.replace('/', '~1')}")


def resolve(pointer: str) -> str:
    """Follow `$ref` at every step of a JSON pointer into this document (RFC 6901); give where it ends."""
    here, node = "", DOCUMENT
    for step in pointer.removeprefix("/").split("/"):
        here, node = f"{here}/{step}", node[step.replace("~1", "/").replace("~0", "~")]
        if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            here = resolve(node["$ref"].removeprefix("#"))
            node = look_up(here)
    return here


def look_up(pointer: str) -> Any:
    """Give what a pointer leads to. Raises KeyError."""
    node: Any = DOCUMENT
    for step in resolve(pointer).removeprefix("/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def _examples(content: str) -> Mapping[str, Any]:
    names = look_up(content).get("examples", {})
    return {name: look_up(f"{content}/examples/{name}")["value"] for name in names}


def _read_operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        for method in item.keys() & METHODS:
            pointer = f"/paths/{path.replace('/', '~1')}/{method}"
            yield Operation(item[method]["operationId"], method.upper(), path, pointer)


OPERATIONS: Mapping[str, Operation] = {operation.id: operation for operation in _read_operations()}


def operation_of(method: str, target: str) -> Operation | None:
    """Find the operation that a request is for; a fixed path wins, HEAD counts as GET."""
    path = target.partition("?")[0].removesuffix("/")
    method = "GET" if method == "HEAD" else method
    fixed = [operation for operation in OPERATIONS.values() if operation.path == path]
    candidates = fixed or [
        operation
        for operation in OPERATIONS.values()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path)
    ]
    return next((operation for operation in candidates if operation.method == method), None)


def check(method: str, target: str, answer: Answer) -> None:
    """Hold an answer to the specification: status, headers, media type, body, and a request id on each.

    Raises `Breach`.
    """
    demand(b"$argon2" not in answer.body, (lines.NO_HASH,), "a hash stands in the answer")
    ids = answer.headers.get_list("x-request-id")
    named = f"the answer has {ids or 'no X-Request-ID'}"
    demand(len(ids) == 1 and REQUEST_ID(ids[0]), (lines.REQUEST_ID,), named)
    if method == "OPTIONS" and answer.status == 204:
        demand(answer.headers.get("allow"), (lines.OPTIONS,), "the answer has no Allow")
        demand(not answer.body, (lines.OPTIONS,), "the answer has a body")
        return
    operation = operation_of(method, target)
    response = operation.response(answer.status) if operation else BY_NOBODY.get(answer.status)
    if response is None:
        came = f"{method} {target}, which is no operation, was answered {answer.status}"
        demand(answer.status < 400, (lines.ERRORS,), came)
        return
    place = _Place(operation.id if operation else "what is no operation", answer.status)
    try:
        described = look_up(response)
    except KeyError:
        known = f"has the statuses {operation and sorted(operation.statuses())}"
        raise Breach(place.lines(known), f"it was answered {answer.status}") from None
    _check_headers(response, place, described.get("headers", {}), answer)
    _check_body(response, place, described["content"], answer, is_head=method == "HEAD")


@dataclass(frozen=True)
class _Place:
    """Which answer of which operation is checked, for people."""

    operation_id: str
    status: int

    def lines(self, part: str) -> tuple[str, ...]:
        """Give the place in the specification, and the line of the contract behind it."""
        place = f"spec/openapi.yaml: {self.operation_id} {self.status}, {part}"
        return place, lines.line_of(self.operation_id, self.status)


def _check_headers(
    response: str, place: _Place, headers: Mapping[str, Any], answer: Answer
) -> None:
    for header in headers:
        expected = place.lines(f"header {header}")
        described = look_up(f"{response}/headers/{header}")
        values = answer.headers.get_list(header)
        missing = not values and described["required"]
        demand(len(values) <= 1 and not missing, expected, f"it stands there {len(values)} times")
        for value in values:
            is_number = described["schema"]["type"] == "integer"
            found = int(value) if is_number and value.isdecimal() else value
            _validate(f"{response}/headers/{header}/schema", expected, found)


def _check_body(
    response: str, place: _Place, content: Mapping[str, Any], answer: Answer, *, is_head: bool
) -> None:
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    expected = place.lines(" or ".join(content))
    demand(media_type in content, expected, f"the media type is {media_type!r}")
    if is_head:
        demand(not answer.body, (lines.OPTIONS,), "the answer to a HEAD has a body")
        return
    document: Any = answer.body.decode()
    if media_type != "text/plain":
        try:
            document = answer.document
        except ValueError as error:
            raise Breach(expected, f"the body is no JSON: {error}") from None
    schema = f"{response}/content/{media_type.replace('/', '~1')}/schema"
    _validate(schema, place.lines(f"schema {resolve(schema).rpartition('/')[2]}"), document)


def _validate(schema: str, expected: tuple[str, ...], value: Any) -> None:
    error = best_match(_validator(resolve(schema)).iter_errors(value))
    if error:
        raise Breach(expected, f"{error.json_path} {shorten(error.message, 300)}")


@cache
def _validator(pointer: str) -> Validator:
    return SchemaValidator(
        {"$ref": f"{ADDRESS}#{pointer}"},
        registry=_registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
