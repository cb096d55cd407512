"""Ids: 24 hexadecimal digits, as MongoDB writes an ObjectId, in lower case."""

import re
from typing import NewType

Id = NewType("Id", str)

_matches = re.compile(r"[0-9A-Fa-f]{24}").fullmatch


def parse_id(value: object) -> Id | None:
    """Read an id, given in either case; None where `value` is not one."""
    if isinstance(value, str) and _matches(value):
        return Id(value.lower())
    return None
