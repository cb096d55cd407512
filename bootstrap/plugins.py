"""Adapters by name: the built-in ones are found as anybody's are, by their entry points."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar, cast

from core.domain.errors import WrongSettings
from core.ports.plugins import PORTS_VERSION, Environment, EventsSettings, StorageSettings

T = TypeVar("T", StorageSettings, EventsSettings)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A group of entry points, the variable that names one of them, and the one that is taken without it."""

    group: str
    variable: str
    default: str


STORAGE: Kind[StorageSettings] = Kind("orderport.storage", "ORDERPORT_STORAGE", "mongo")
EVENTS: Kind[EventsSettings] = Kind("orderport.events", "ORDERPORT_EVENTS", "kafka")


class UnusableAdapter(Exception):
    """An adapter that is installed and cannot be used; the message says why."""


def load(kind: Kind[T], environment: Environment) -> type[T]:
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
        return cast(type[T], load_entry(installed[name]))
    except UnusableAdapter as error:
        raise WrongSettings([f"{kind.variable}: the adapter {name!r} {error}"]) from error


def load_entry(entry: EntryPoint) -> type[StorageSettings] | type[EventsSettings]:
    """Import an adapter, and see that it was made for these ports. Raises `UnusableAdapter`."""
    try:
        adapter = entry.load()
    except Exception as error:  # a plug-in may fail in any way, and its maker has to know in which
        raise UnusableAdapter(f"cannot be loaded: {type(error).__name__}: {error}") from error
    made_for = getattr(adapter, "ports_version", None)
    if made_for != PORTS_VERSION:
        origin = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
        version = "no version" if made_for is None else f"version {made_for}"
        raise UnusableAdapter(
            f"{origin.strip()} was made for {version} of the ports; this Orderport has version {PORTS_VERSION}"
        )
    return cast("type[StorageSettings] | type[EventsSettings]", adapter)
