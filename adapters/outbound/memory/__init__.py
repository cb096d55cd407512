"""Storage in this process's memory, and events on its standard output."""

from adapters.outbound.memory.events import MemoryEventsSettings, MemoryPublisher
from adapters.outbound.memory.storage import MemoryStorage, MemoryStorageSettings

__all__ = ["MemoryEventsSettings", "MemoryPublisher", "MemoryStorage", "MemoryStorageSettings"]
