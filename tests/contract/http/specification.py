"""`spec/openapi.yaml`, and whether an answer keeps it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.harness.answers import Answer

FILE = Path(__file__).parents[3] / "spec" / "openapi.yaml"
ADDRESS = "urn:orderport:openapi"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
REQUEST_ID = re.compile(r"[!-~]{1,128}").fullmatch
BY_NOBODY = {
    400: "/components/responses/BadRequest",
    404: "/components/responses/NotFound",
    405: "/components/responses/MethodNotAllowed",
}
"""What requests are answered that are no operation."""


class _ExactLoader(yaml.SafeLoader):
    """Reads numbers as they are written."""


def _read_decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _read_decimal)

DOCUMENT: Mapping[str, Any] = yaml.load(FILE.read_bytes(), _ExactLoader)
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
    """Hold an answer to the specification: status, headers, media type, body, and a request id on each."""
    assert b"$argon2" not in answer.body
    request_ids = answer.headers.get_list("x-request-id")
    assert len(request_ids) == 1
    assert REQUEST_ID(request_ids[0])
    if method == "OPTIONS" and answer.status == 204:
        assert answer.headers["allow"]
        assert answer.body == b""
        return
    operation = operation_of(method, target)
    response = operation.response(answer.status) if operation else BY_NOBODY.get(answer.status)
    if response is None:
        assert answer.status < 400, f"{method} {target} is no operation, and was answered {answer}"
        return
    try:
        described = look_up(response)
    except KeyError:
        raise AssertionError(f"{method} {target} must not answer {answer}") from None
    _check_headers(response, described.get("headers", {}), answer)
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in described["content"], answer
    if method == "HEAD":
        assert answer.body == b""
        return
    document = answer.body.decode() if media_type == "text/plain" else answer.document
    schema = f"{response}/content/{media_type.replace('/', '~1')}/schema"
    _validator(resolve(schema)).validate(document)


def _check_headers(response: str, names: Mapping[str, Any], answer: Answer) -> None:
    for name in names:
        header = look_up(f"{response}/headers/{name}")
        values = answer.headers.get_list(name)
        assert len(values) == 1 or not (values or header["required"]), (name, answer)
        for value in values:
            schema = resolve(f"{response}/headers/{name}/schema")
            is_number = header["schema"]["type"] == "integer"
            _validator(schema).validate(int(value) if is_number else value)


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"{ADDRESS}#{pointer}"},
        registry=_registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
