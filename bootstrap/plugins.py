"""Adapters by name: the built-in ones are found as anybody's are, by their entry points."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from core.domain.errors import WrongSettings
from core.ports.plugins import Environment, ReadEventsSettings, ReadStorageSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A group of entry points, the variable that names one of them, and the one that is taken without it."""

    group: str
    variable: str
    default: str


STORAGE: Kind[ReadStorageSettings] = Kind("orderport.storage", "ORDERPORT_STORAGE", "mongo")
EVENTS: Kind[ReadEventsSettings] = Kind("orderport.events", "ORDERPORT_EVENTS", "kafka")


def load(kind: Kind[T], environment: Environment) -> T:
    """Import the adapter that the environment names. Raises `WrongSettings`."""
    installed = entry_points(group=kind.group)
    name = environment.get(kind.variable, kind.default)
    if name not in installed.names:
        origin = "" if kind.variable in environment else " (the default)"
        known = ", ".join(sorted(installed.names))
        raise WrongSettings(
            [f"{kind.variable}: there is no adapter {name!r}{origin}; known are: {known}"]
        )
    try:
        return cast(T, installed[name].load())
    except Exception as error:  # a plug-in may fail in any way, and its maker has to know in which
        reason = f"{type(error).__name__}: {error}"
        raise WrongSettings(
            [f"{kind.variable}: the adapter {name!r} cannot be loaded: {reason}"]
        ) from error
