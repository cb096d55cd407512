"""What can go wrong, in the words of the business. Adapters turn every error of a driver into one of these."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad field of a request: its path, as in `items[0].quantity`, and what is wrong with it."""

    field: str
    reason: str


class OrderportError(Exception):
    """The base of every error that the core knows."""


class Invalid(OrderportError):
    """Values break the rules of the domain; `faults` names every bad field, each once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = tuple(faults)


class InvalidCredentials(OrderportError):
    """The email is unknown or the password is wrong; which of the two is never told."""


class NotFound(OrderportError):
    """The entity that is addressed does not exist; the message names its kind."""


class UnknownReference(OrderportError):
    """An order names a customer or products that do not exist; `faults` names each such field."""

    def __init__(self, faults: Sequence[Fault], *, customer: bool) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = tuple(faults)
        self.customer = customer


class EmailTaken(OrderportError):
    """Another user has that email, case aside."""


class VersionConflict(OrderportError):
    """The stored version is not the one that the write was to rest on; nothing was changed."""


class Overloaded(OrderportError):
    """A bounded queue is full; nothing was changed."""


class NothingToDo(OrderportError):
    """What an operator asks for does not apply to how things stand; the message says why. Nothing was changed."""


class StorageUnavailable(OrderportError):
    """Storage gave no answer in time. A write may or may not have been stored, wholly, and may still become visible."""


class EventsUnavailable(OrderportError):
    """Events cannot be published now; the message says why, without a host name or a driver's words."""


class WrongSettings(OrderportError):
    """Settings cannot be used; `problems` has a line for each, naming the variable."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
