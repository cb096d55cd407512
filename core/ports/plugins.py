"""How adapters are found and opened: what an entry point of `orderport.storage` or `orderport.events` names.

It names a class whose objects are an adapter's settings. What the class says of the adapter is known before any
settings are read, and the settings of every adapter are read before any is opened.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import ClassVar, Protocol, Self, TypeGuard

from core.ports.events import EventLog, Publisher
from core.ports.storage import Storage

PORTS_VERSION = 0
"""Which ports these are. An adapter writes down the number it was made for, and is refused where it is another.

Version 0 may change with each release; from 1 on, what changes gets a number of its own.
"""

Environment = Mapping[str, str]
"""Variables by name: files that `NAME_FILE` names are read already, empty values are left out."""


class Feature(StrEnum):
    """What an adapter can do beyond what each has to: it declares all that it can and nothing that it cannot."""

    DURABLE = "durable"
    """Of a storage: what was stored is there when it is opened again, also where the process that stored it was killed.

    Without it, nothing is there.
    """
    SHARED = "shared"
    """Of a storage: several processes can work on it at once.

    Without it, what is opened beside another stands alone, or is refused with `StorageUnavailable`.
    """
    READABLE = "readable"
    """Of events: the topic can be read back; without it, the settings have no `open_log`."""


class StorageSettings(Protocol):
    """A storage that can be opened."""

    ports_version: ClassVar[int]
    """The PORTS_VERSION that the adapter was made for, as a number of its own."""
    features: ClassVar[frozenset[Feature]]
    """What it can do: DURABLE, SHARED."""

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings and open nothing. Raises `WrongSettings` with all that is wrong."""
        ...

    def open(self) -> AbstractAsyncContextManager[Storage]:
        """Open it, without waiting for a server, and close it on leaving."""
        ...


class EventsSettings(Protocol):
    """A publisher that can be opened."""

    ports_version: ClassVar[int]
    """The PORTS_VERSION that the adapter was made for, as a number of its own."""
    features: ClassVar[frozenset[Feature]]
    """What it can do: READABLE."""

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the settings and open nothing. Raises `WrongSettings` with all that is wrong."""
        ...

    def open(self) -> AbstractAsyncContextManager[Publisher]:
        """Open it, without waiting for the broker, and close it on leaving, within 4 s whatever the broker does."""
        ...


class ReadableEventsSettings(EventsSettings, Protocol):
    """A publisher that can be opened, to a topic that can be read back."""

    def open_log(self) -> AbstractAsyncContextManager[EventLog]:
        """Open the topic for reading, and close it on leaving. Raises `EventsUnavailable`."""
        ...


def is_readable(settings: EventsSettings) -> TypeGuard[ReadableEventsSettings]:
    """Tell whether the topic can be read back."""
    return Feature.READABLE in settings.features
