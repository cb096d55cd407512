"""Patterns of JSON Schema as its dialect of regular expressions has them (ECMA-262), not as Python does."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend


def reading_patterns(dialect: type[Validator]) -> type[Validator]:
    """Give the validator of a dialect that reads patterns so."""
    extended: type[Validator] = extend(dialect, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return extended


def _pattern(
    _validator: Any, wanted: str, value: object, _schema: Any
) -> Iterator[ValidationError]:
    """Check the keyword `pattern`: `$` is the end of a text, where Python's also matches before a line end there."""
    if isinstance(value, str) and not _compiled(wanted).search(value):
        yield ValidationError(f"{value!r} does not match {wanted!r}")


@cache
def _compiled(wanted: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<!\\)\$(?=$|\))", r"\\Z", wanted))
