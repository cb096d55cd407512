"""What is said of adapters that are installed, and of those that cannot be used."""

import json
from pathlib import Path

import pytest

from bootstrap.settings import read_settings
from core.domain.errors import WrongSettings
from tests.harness.process import BIN, MEMORY, run_to_end
from tests.processes import plug_ins

STORAGE = [
    ("storage", "memory", [], None),
    ("storage", "mongo", ["durable", "shared"], None),
]
EVENTS = [
    ("events", "kafka", ["readable"], None),
    ("events", "memory", [], None),
]
MADE_FOR = "was made for {} of the ports, and this Orderport has version 0"


def complaint(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> str:
    """Install an adapter, try to start with it, and give what is said of it."""
    plug_ins.install(folder, name, module)
    monkeypatch.syspath_prepend(folder)
    with pytest.raises(WrongSettings) as error:
        read_settings({**MEMORY, "ORDERPORT_STORAGE": name})
    (problem,) = error.value.problems
    prefix = f"ORDERPORT_STORAGE: the adapter '{name}' "
    assert problem.startswith(prefix)
    return problem.removeprefix(prefix)


def test_what_is_installed_is_listed_and_broken_plug_ins_with_their_reasons(tmp_path: Path) -> None:
    plug_ins.install(tmp_path, "lost", plug_ins.OF_LOST_IMPORTS)
    plug_ins.install(tmp_path, "old", plug_ins.OF_OTHER_PORTS, group="events")
    plug_ins.install(tmp_path, "sound", plug_ins.SOUND)
    ran = run_to_end({"PYTHONPATH": str(tmp_path)}, [BIN / "orderport", "adapters", "--json"])
    assert ran.returncode == 0
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    lost = "cannot be loaded: ModuleNotFoundError: No module named 'a_driver_that_nobody_has'"
    assert [(row["kind"], row["name"], row["features"], row["problem"]) for row in rows] == [
        ("storage", "lost", [], lost),
        *STORAGE,
        ("storage", "sound", [], None),
        ("storage", "sqlite", ["durable", "shared"], None),
        *EVENTS,
        ("events", "old", [], MADE_FOR.format("version 7")),
        ("events", "redis", ["readable"], None),
    ]
    packages = {row["name"]: (row["package"], row["package_version"]) for row in rows}
    assert packages["lost"] == ("orderport-lost", "1.2")
    assert packages["mongo"][0] == "orderport"
    assert {row["name"]: row["ports_version"] for row in rows if row["ports_version"] != 0} == {
        "lost": None,
        "old": 7,
    }


def test_the_list_is_a_table_for_people() -> None:
    ran = run_to_end({}, [BIN / "orderport", "adapters"])
    assert (ran.returncode, ran.stderr) == (0, "")
    (mongo,) = [line for line in ran.stdout.splitlines() if "mongo" in line]
    assert mongo.split() == ["storage", "mongo", "orderport", "0.1.0", "0", "durable,", "shared"]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (plug_ins.OF_OTHER_PORTS, MADE_FOR.format("version 7")),
        (plug_ins.OF_NO_PORTS, MADE_FOR.format("no version")),
        (plug_ins.WITHOUT_FEATURES, "does not declare its features"),
        (plug_ins.WITH_UNKNOWN_FEATURES, "does not declare its features"),
        (plug_ins.THAT_EXITS, "cannot be loaded: SystemExit: this needs a newer Python"),
        (plug_ins.THAT_CANNOT_READ, "cannot read its settings: KeyError: 'no such variable'"),
    ],
)
def test_an_adapter_that_cannot_be_used_is_refused_in_one_line(
    module: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    name = f"broken{request.node.callspec.indices['module']}"
    assert complaint(tmp_path, monkeypatch, name, module) == said


def test_a_name_that_two_packages_give_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = complaint(tmp_path, monkeypatch, "memory", plug_ins.SOUND)
    assert said.startswith("is in more than one package: ")
    assert "orderport-memory 1.2" in said
