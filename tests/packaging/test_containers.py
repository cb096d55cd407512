"""What can be shown of the container files without an engine: their steps, their settings, their form."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.service import environment

REPOSITORY = Path(__file__).parents[2]
CONTAINERFILE = REPOSITORY / "Containerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())
CONTRACT = (REPOSITORY / "docs/contract.md").read_text()


def instructions() -> list[tuple[str, str]]:
    """Give each instruction with its arguments, continued lines joined."""
    lines = [line for line in CONTAINERFILE.read_text().splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", "")
    return [
        (name, rest)
        for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def stages() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Give the instructions of the stage that builds and of the one that is shipped."""
    all_of_them = instructions()
    second = [index for index, (name, _) in enumerate(all_of_them) if name == "FROM"][1]
    return all_of_them[:second], all_of_them[second:]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the steps of the first stage in a clean folder; give what they install."""
    root = tmp_path_factory.mktemp("image")
    work = root / "build"
    work.mkdir()
    for name, arguments in stages()[0]:
        if name == "COPY":
            *sources, target = arguments.split()
            for source in sources:
                copy(REPOSITORY / source, work / target / ("" if target != source else "."))
        elif name == "RUN":
            script = arguments.replace("/opt/", f"{root}/opt/")
            (root / "opt").mkdir(exist_ok=True)
            subprocess.run(["bash", "-euc", script], cwd=work, env=environment(), check=True)
    return root / "opt/orderport"


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def test_the_steps_give_a_command_that_runs_and_no_build_tools(built: Path) -> None:
    ran = subprocess.run(
        [built / "bin/orderport", "--version"], cwd="/", capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("orderport ")
    assert not {"pip", "uv", "hatch", "hatchling"} & {
        file.name for file in (built / "bin").iterdir()
    }


def test_the_shipped_stage_is_slim_installs_nothing_and_is_not_root() -> None:
    shipped = dict(stages()[1])
    assert shipped["FROM"].startswith("docker.io/library/python:3.11-slim")
    assert shipped["COPY"] == "--from=build /opt/orderport /opt/orderport"
    assert "install" not in shipped["RUN"]
    assert shipped["USER"].isdigit()
    assert shipped["USER"] != "0"
    assert "/health/live" in shipped["HEALTHCHECK"]


def test_each_setting_that_the_files_name_exists() -> None:
    texts = CONTAINERFILE.read_text() + (REPOSITORY / "compose.yaml").read_text()
    named = set(re.findall(r"ORDERPORT_[A-Z_]+", texts))
    assert named
    assert named <= set(re.findall(r"ORDERPORT_[A-Z_]+", CONTRACT))


def test_the_service_waits_for_its_servers_and_writes_nothing() -> None:
    service = COMPOSE["services"]["orderport"]
    assert set(service["depends_on"]) == {"mongo", "topic"}
    assert service["read_only"] is True
    assert COMPOSE["services"]["topic"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_the_linter_has_no_complaint() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([linter, CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")
