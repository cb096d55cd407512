"""What the specification says in words, for generated requests: JSON Schema has no keyword for it.

Values of the right kind are mended, and no others, so that what is to be refused stays so.
"""

import json
import os
import re
from typing import Any

import schemathesis

SHOP: dict[str, str] = json.loads(os.environ["ORDERPORT_SHOP"])
"""Ids that exist, by the names of the fields that refer to them."""

INTEGERS = {"quantity", "stock"}
is_id = re.compile(r"[0-9A-Fa-f]{24}").fullmatch


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Mend a request before it is sent, whichever way it was made up."""
    body = mended(case.body)
    if isinstance(body, dict):
        _mend_confirmation(body)
        _mend_id(body, case.path_parameters)
    case.body = body


def mended(value: Any, name: str = "") -> Any:
    """Mend the fields at every depth."""
    match value:
        case dict():
            return {key: mended(member, key) for key, member in value.items()}
        case list():
            return [mended(member) for member in value]
        case float() if name in INTEGERS and value.is_integer():
            return int(value)  # to JSON Schema 2.0 is an integer, to the contract it is not
        case float() if name == "price" and 0 < value < 1:
            return round(value, 17)  # at most 34 decimals
        case str() if name in SHOP and is_id(value):
            return SHOP[name]
    return value


def _mend_confirmation(body: dict[str, Any]) -> None:
    password, confirmed = body.get("password"), body.get("confirm_password")
    if isinstance(password, str) and isinstance(confirmed, str):
        body["confirm_password"] = password


def _mend_id(body: dict[str, Any], path_parameters: dict[str, Any] | None) -> None:
    addressed = str((path_parameters or {}).get("id", ""))
    if is_id(addressed) and is_id(str(body.get("_id", ""))):
        body["_id"] = addressed
