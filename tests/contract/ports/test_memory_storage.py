from adapters.outbound.memory import MemoryStorageSettings
from orderport.testing import StorageKit


class TestMemoryStorage(StorageKit):
    settings = MemoryStorageSettings()
