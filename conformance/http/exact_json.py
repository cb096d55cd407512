"""JSON without loss: numbers with a point are decimals on the way in and out, a repeated name is an error."""

import json
from decimal import Decimal
from typing import Any

import msgspec

to_json = msgspec.json.Encoder(decimal_format="number").encode
"""Encode a value; a `Decimal` becomes a number, what `spelt` gave stands as it is."""


def spelt(text: str) -> msgspec.Raw:
    """Put JSON text into a value that `to_json` encodes, to the letter."""
    return msgspec.Raw(text.encode())


def from_json(text: bytes) -> Any:
    """Decode strict JSON. Raises ValueError."""
    return json.loads(
        text.decode(),
        parse_float=Decimal,
        parse_constant=_refuse,
        object_pairs_hook=_object,
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError(f"a name is repeated: {[name for name, _ in members]}")
    return found
