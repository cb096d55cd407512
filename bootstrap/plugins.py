"""Adapters by name: the built-in ones are found as anybody's are, by their entry points."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from operator import attrgetter
from typing import Generic, TypeVar, cast

from core.domain.errors import WrongSettings
from core.ports.plugins import (
    PORTS_VERSION,
    Environment,
    EventsSettings,
    Feature,
    StorageSettings,
)

T = TypeVar("T", StorageSettings, EventsSettings)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A group of entry points, the variable that names one of them, and the one that is taken without it."""

    group: str
    variable: str
    default: str


STORAGE: Kind[StorageSettings] = Kind("orderport.storage", "ORDERPORT_STORAGE", "mongo")
EVENTS: Kind[EventsSettings] = Kind("orderport.events", "ORDERPORT_EVENTS", "kafka")


@dataclass(frozen=True, slots=True)
class InstalledAdapter:
    """What is known of an adapter without its settings; `problem` says why it cannot be used, where it cannot."""

    group: str
    name: str
    package: str
    package_version: str
    ports_version: int | None
    features: tuple[str, ...]
    problem: str | None


class UnusableAdapter(Exception):
    """An adapter that is installed and cannot be used; the message says why."""


def read_adapter(kind: Kind[T], environment: Environment) -> T:
    """Import the adapter that the environment names, and read its settings. Raises `WrongSettings`."""
    installed = entry_points(group=kind.group)
    name = environment.get(kind.variable, kind.default)
    found = list(installed.select(name=name))
    if not found:
        origin = "" if kind.variable in environment else " (the default)"
        known = ", ".join(sorted(installed.names))
        raise WrongSettings(
            [f"{kind.variable}: there is no adapter {name!r}{origin}; known are: {known}"]
        )
    try:
        if len(found) > 1:
            packages = ", ".join(" ".join(_package(entry)) for entry in found)
            raise UnusableAdapter(f"is in more than one package: {packages}")
        adapter = _import(found[0])
        _judge(adapter)
        return _read(cast(type[T], adapter), environment)
    except UnusableAdapter as error:
        raise WrongSettings([f"{kind.variable}: the adapter {name!r} {error}"]) from error


def installed_adapters() -> Iterator[InstalledAdapter]:
    """Give all that are installed, those that cannot be used among them."""
    for kind in (STORAGE, EVENTS):
        for entry in sorted(entry_points(group=kind.group), key=attrgetter("name")):
            yield _describe(entry)


def _describe(entry: EntryPoint) -> InstalledAdapter:
    made_for, features, problem = None, frozenset[str](), None
    try:
        adapter = _import(entry)
        made_for = _made_for(adapter)
        _judge(adapter)
        features = cast(type[StorageSettings], adapter).features
    except UnusableAdapter as error:
        problem = str(error)
    return InstalledAdapter(
        entry.group, entry.name, *_package(entry), made_for, tuple(sorted(features)), problem
    )


def _package(entry: EntryPoint) -> tuple[str, str]:
    return (entry.dist.name, entry.dist.version) if entry.dist else ("", "")


def _import(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # a plug-in may fail in any way; its maker has to know
        raise UnusableAdapter(f"cannot be loaded: {_reason(error)}") from error


def _made_for(adapter: object) -> int | None:
    made_for = getattr(adapter, "ports_version", None)
    return made_for if isinstance(made_for, int) else None


def _judge(adapter: object) -> None:
    """Raise `UnusableAdapter` where this was made for other ports, or is no adapter."""
    made_for = _made_for(adapter)
    if made_for != PORTS_VERSION:
        version = "no version" if made_for is None else f"version {made_for}"
        raise UnusableAdapter(
            f"was made for {version} of the ports, and this Orderport has version {PORTS_VERSION}"
        )
    features = getattr(adapter, "features", None)
    if not isinstance(features, frozenset) or not features <= set(Feature):
        raise UnusableAdapter("does not declare its features")


def _read(adapter: type[T], environment: Environment) -> T:
    try:
        return adapter.from_environment(environment)
    except WrongSettings:
        raise
    except Exception as error:  # as above
        raise UnusableAdapter(f"cannot read its settings: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
