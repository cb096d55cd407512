"""The rules that values from outside must keep, each in one place.

`Fields` reads plain values (str, int, Decimal, list, dict) out of a mapping and collects a fault for every one that
breaks its rule, so that a client learns of all of them at once.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.domain.errors import Fault, Invalid
from core.domain.ids import Id, parse_id
from core.domain.prices import exact_price

MAX_INT = 2_147_483_647
LONGEST_EMAIL = 254
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1_024

_control_character = re.compile(r"[\x00-\x1f\x7f-\x9f]").search  # Unicode's category Cc
_label = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# The HTML standard's "valid email address", https://html.spec.whatwg.org/#valid-e-mail-address.
_email = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_label}(?:\.{_label})*").fullmatch

_MISSING = object()
_NO_ID = Id("")
_NO_PRICE = Decimal(0)


class Fields:
    """Named values on their way in, and the faults found in them so far.

    Every reader returns the accepted value or, after a fault, a stand-in of the same type: use nothing that was read
    before `check` has passed.
    """

    __slots__ = ("_faults", "_path", "_values")

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._path = ""
        self._faults: dict[str, str] = {}

    def check(self) -> None:
        """Raise `Invalid` with every fault so far, one for each field."""
        if self._faults:
            raise Invalid([Fault(field, reason) for field, reason in self._faults.items()])

    def reject(self, name: str, reason: str) -> None:
        """Record a fault; of several for one field the first is kept."""
        self._faults.setdefault(self._path + name, reason)

    def string(self, name: str) -> str | None:
        """Read a string without bounds; None after a fault."""
        value = self._values.get(name, _MISSING)
        if type(value) is str:
            return value
        self._refuse_type(name, value, "a string")
        return None

    def text(self, name: str, longest: int) -> str:
        """Read a text, trimmed of white space around it: 1 to `longest` code points, no control characters."""
        value = self.string(name)
        if value is None:
            return ""
        value = value.strip()
        if not 1 <= len(value) <= longest:
            self.reject(name, f"must have 1 to {longest:,} characters, white space around it aside")
        elif _control_character(value):
            self.reject(name, "must not contain control characters")
        return value

    def email(self, name: str) -> str:
        """Read an email address, kept as sent."""
        value = self.string(name)
        if value is None:
            return ""
        if len(value) > LONGEST_EMAIL:
            self.reject(name, f"must have at most {LONGEST_EMAIL} characters")
        elif not _email(value):
            self.reject(name, "must be a valid email address")
        return value

    def password(self, name: str, shortest: int = 1) -> str:
        """Read a password, taken exactly as sent: one that is being set has at least SHORTEST_PASSWORD code points."""
        value = self.string(name)
        if value is None:
            return ""
        if not shortest <= len(value) <= LONGEST_PASSWORD:
            self.reject(name, f"must have {shortest} to {LONGEST_PASSWORD:,} characters")
        return value

    def integer(self, name: str, lowest: int) -> int:
        """Read an integer from `lowest` to MAX_INT; no bool and no decimal counts as one."""
        value = self._values.get(name, _MISSING)
        if type(value) is not int:
            self._refuse_type(name, value, "an integer")
            return lowest
        if not lowest <= value <= MAX_INT:
            self.reject(name, f"must be from {lowest} to {MAX_INT}")
        return value

    def price(self, name: str) -> Decimal:
        """Read a price, exact."""
        value = self._values.get(name, _MISSING)
        if type(value) is not int and type(value) is not Decimal:
            self._refuse_type(name, value, "a number")
            return _NO_PRICE
        price = exact_price(value)
        if price is None:
            self.reject(
                name, "must be from 0 to 1e12, with at most 34 significant digits and 34 decimals"
            )
            return _NO_PRICE
        return price

    def id(self, name: str) -> Id:
        """Read an id, in either case."""
        value = self._values.get(name, _MISSING)
        found = parse_id(value)
        if found is not None:
            return found
        if type(value) is str:
            self.reject(name, "must be 24 hexadecimal digits")
        else:
            self._refuse_type(name, value, "a string of 24 hexadecimal digits")
        return _NO_ID

    def each(self, name: str, most: int) -> "Iterator[Fields]":
        """Read a list of 1 to `most` objects, one `Fields` at a time; a list that is too long has one fault in all."""
        values = self._values.get(name, _MISSING)
        if type(values) is not list:
            self._refuse_type(name, values, "a list")
            return
        if not 1 <= len(values) <= most:
            self.reject(name, f"must have 1 to {most:,} entries")
            return
        entry = Fields({})
        entry._faults = self._faults
        for index, value in enumerate(values):
            path = f"{self._path}{name}[{index}]"
            if type(value) is not dict:
                self._faults.setdefault(path, "must be an object")
                continue
            entry._values = value
            entry._path = f"{path}."
            yield entry

    def _refuse_type(self, name: str, value: object, expected: str) -> None:
        self.reject(name, "is missing" if value is _MISSING else f"must be {expected}")


def read_id(text: str) -> Id:
    """Read the id that a request addresses. Raises `Invalid` for the field `id`."""
    fields = Fields({"id": text})
    found = fields.id("id")
    fields.check()
    return found
