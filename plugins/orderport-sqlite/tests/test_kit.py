import pytest

from orderport.testing import StorageKit
from orderport_sqlite import SqliteSettings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> SqliteSettings:
    return SqliteSettings(tmp_path_factory.mktemp("shop") / "shop.db")


@pytest.fixture(scope="module")
def out_of_reach(tmp_path_factory: pytest.TempPathFactory) -> SqliteSettings:
    return SqliteSettings(tmp_path_factory.mktemp("shop") / "nowhere" / "shop.db")


class TestSqlite(StorageKit): ...
