"""`spec/asyncapi.yaml`, and whether a message keeps it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT7

from tests.harness.events import Event

FILE = Path(__file__).parents[3] / "spec" / "asyncapi.yaml"
ADDRESS = "urn:orderport:asyncapi"
MESSAGES = {"orderport.order.created": "OrderCreated", "orderport.order.updated": "OrderUpdated"}
DIGITS = 34

_formats = FormatChecker(Draft7Validator.FORMAT_CHECKER.checkers)


class _ExactLoader(yaml.SafeLoader):
    """Reads numbers as they are written."""


def _read_decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _read_decimal)

DOCUMENT: Mapping[str, Any] = yaml.load(FILE.read_bytes(), _ExactLoader)
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
    """Hold a message to the specification: key, headers, payload, and how they agree.

    Raises `jsonschema.ValidationError`, or AssertionError where the page says it in words only.
    """
    message = MESSAGES[event.headers["ce_type"]]
    _validator(message, "bindings/kafka/key").validate(event.key)
    _validator(message, "headers").validate(dict(event.headers))
    _validator(message, "payload").validate(event.value)
    subject, sequence = event.headers["ce_subject"], event.headers["ce_sequence"]
    assert event.key == subject == event.value["_id"]
    assert event.headers["ce_id"] == f"{subject}-{sequence}"


def _validator(message: str, part: str) -> Draft7Validator:
    pointer = f"{ADDRESS}#/components/messages/{message}/{part}"
    return Draft7Validator({"$ref": pointer}, registry=_registry, format_checker=_formats)


@_formats.checks("decimal128")
def _is_exact_price(value: object) -> bool:
    """Tell whether a number has at most 34 significant digits and 34 decimals, and no exponent as it was spelt."""
    if not isinstance(value, int | Decimal):
        return False
    _sign, digits, exponent = Decimal(value).as_tuple()
    return len(digits) <= DIGITS and isinstance(exponent, int) and -DIGITS <= exponent <= 0
