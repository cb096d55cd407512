import pytest

from adapters.outbound.memory import MemoryStorageSettings
from orderport.testing import StorageKit


@pytest.fixture(scope="module")
def settings() -> MemoryStorageSettings:
    return MemoryStorageSettings()


class TestMemoryStorage(StorageKit):
    pass
