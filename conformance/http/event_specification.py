"""`spec/asyncapi.yaml`, and whether a message keeps it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from textwrap import shorten
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT7

from conformance.http import lines
from conformance.http.breach import Breach, demand
from conformance.http.events import Event
from conformance.http.exact_yaml import from_yaml
from conformance.http.patterns import reading_patterns

WRITTEN = files("spec").joinpath("asyncapi.yaml").read_bytes()
SchemaValidator = reading_patterns(Draft7Validator)
ADDRESS = "urn:orderport:asyncapi"
MESSAGES = {"orderport.order.created": "OrderCreated", "orderport.order.updated": "OrderUpdated"}
DIGITS = 34

_formats = FormatChecker(Draft7Validator.FORMAT_CHECKER.checkers)


DOCUMENT: Mapping[str, Any] = from_yaml(WRITTEN)
# A schema without a `schemaFormat` is AsyncAPI's own, a superset of JSON Schema draft 07.
_registry: Registry[Any] = Registry().with_resource(ADDRESS, DRAFT7.create_resource(DOCUMENT))


@dataclass(frozen=True)
class Example:
    """A message that the specification shows."""

    message: str
    name: str
    headers: Mapping[str, str]
    payload: Mapping[str, Any]

    @property
    def event(self) -> Event:
        """The example as if it had come from the topic."""
        topic: str = DOCUMENT["channels"]["orders"]["address"]
        return Event(topic, self.payload["_id"], self.headers, self.payload)


def examples() -> Iterator[Example]:
    """Give every example, in the order of the page."""
    for message, described in DOCUMENT["components"]["messages"].items():
        for shown in described["examples"]:
            yield Example(message, shown["name"], shown["headers"], shown["payload"])


def references(node: object = DOCUMENT) -> Iterator[str]:
    """Give every `$ref` of the document."""
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for value in node.values():
                yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def look_up(reference: str) -> Any:
    """Give what a `$ref` into this document leads to. Raises KeyError."""
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def check(event: Event) -> None:
    """Hold a message to the specification: key, headers, payload, and how they agree. Raises `Breach`."""
    kind = event.headers.get("ce_type")
    expected = (f"spec/asyncapi.yaml: ce_type is one of {list(MESSAGES)}", lines.EVENT_HEADERS)
    demand(kind in MESSAGES, expected, f"ce_type is {kind!r}")
    message = MESSAGES[str(kind)]
    _validate(message, "bindings/kafka/key", event.key)
    _validate(message, "headers", dict(event.headers))
    _validate(message, "payload", event.value)
    subject, sequence = event.headers["ce_subject"], event.headers["ce_sequence"]
    ids = (event.key, subject, event.value["_id"])
    demand(len(set(ids)) == 1, (lines.EVENT_KEY,), f"key, ce_subject and _id are {ids}")
    event_id = event.headers["ce_id"]
    came = f"ce_id is {event_id}, and ce_sequence {sequence}"
    demand(event_id == f"{subject}-{sequence}", (lines.EVENT_ID,), came)


def _validate(message: str, part: str, value: Any) -> None:
    pointer = f"{ADDRESS}#/components/messages/{message}/{part}"
    validator = SchemaValidator({"$ref": pointer}, registry=_registry, format_checker=_formats)
    error = best_match(validator.iter_errors(value))
    if error:
        line = lines.EVENT_HEADERS if part == "headers" else lines.EVENT_KEY
        expected = (f"spec/asyncapi.yaml: {message}, {part}", line)
        raise Breach(expected, f"{error.json_path} {shorten(error.message, 300)}")


@_formats.checks("decimal128")
def _is_exact_price(value: object) -> bool:
    """Tell whether a number has at most 34 significant digits and 34 decimals, and no exponent as it was spelt."""
    if not isinstance(value, int | Decimal):
        return False
    _sign, digits, exponent = Decimal(value).as_tuple()
    return len(digits) <= DIGITS and isinstance(exponent, int) and -DIGITS <= exponent <= 0
