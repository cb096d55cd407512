"""How adapters are found and opened: what an entry point of `orderport.storage` or `orderport.events` names.

It names a callable that reads the adapter's settings from the environment and gives them, or raises `WrongSettings`
with all that is wrong. Nothing is opened by that: the settings of every adapter are read before any is opened.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from core.ports.events import EventLog, Publisher
from core.ports.storage import Storage

Environment = Mapping[str, str]
"""Variables by name: files that `NAME_FILE` names are read already, empty values are left out."""


class StorageSettings(Protocol):
    """A storage that can be opened."""

    @property
    def shared(self) -> bool:
        """Whether several processes can work on it at once."""
        ...

    def open(self) -> AbstractAsyncContextManager[Storage]:
        """Open it, without waiting for a server, and close it on leaving."""
        ...


class EventsSettings(Protocol):
    """A publisher that can be opened."""

    def open(self) -> AbstractAsyncContextManager[Publisher]:
        """Open it, without waiting for the broker, and close it on leaving, within 4 s whatever the broker does."""
        ...


@runtime_checkable
class ReadableEventsSettings(EventsSettings, Protocol):
    """A publisher that can be opened, to a topic that can be read back: the second is optional."""

    def open_log(self) -> AbstractAsyncContextManager[EventLog]:
        """Open the topic for reading, and close it on leaving. Raises `EventsUnavailable`."""
        ...


class ReadStorageSettings(Protocol):
    """An entry point of `orderport.storage`."""

    def __call__(self, environment: Environment) -> StorageSettings:
        """Read the settings. Raises `WrongSettings`."""
        ...


class ReadEventsSettings(Protocol):
    """An entry point of `orderport.events`."""

    def __call__(self, environment: Environment) -> EventsSettings:
        """Read the settings. Raises `WrongSettings`."""
        ...
