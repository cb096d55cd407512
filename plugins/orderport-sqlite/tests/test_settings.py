"""What `ORDERPORT_SQLITE_PATH` may be."""

from pathlib import Path

import pytest

from orderport import WrongSettings
from orderport_sqlite import SqliteSettings


def problems(path: str | Path) -> str:
    with pytest.raises(WrongSettings) as error:
        SqliteSettings.from_environment({"ORDERPORT_SQLITE_PATH": str(path)})
    (problem,) = error.value.problems
    assert problem.startswith("ORDERPORT_SQLITE_PATH: ")
    return problem


def test_a_path_is_needed() -> None:
    with pytest.raises(WrongSettings, match="ORDERPORT_SQLITE_PATH: is needed"):
        SqliteSettings.from_environment({})


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a shop? 100%#é.db"
    assert SqliteSettings.from_environment({"ORDERPORT_SQLITE_PATH": str(path)}).path == path
    assert not path.exists()


def test_memory_is_not_what_this_is_for() -> None:
    assert "ORDERPORT_STORAGE=memory" in problems(":memory:")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "is a folder" in problems(tmp_path)


def test_a_file_needs_a_folder(tmp_path: Path) -> None:
    assert "there is no folder" in problems(tmp_path / "nowhere" / "shop.db")


def test_no_path_has_a_zero_in_it() -> None:
    assert "is no path" in problems("shop\0.db")
