"""docs/adapters.md, done as it is written, from an empty folder on; only `pip` is one that asks nobody for anything."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.packaging.service import environment, serving

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs/adapters.md").read_text()
PIP = """#!/bin/sh
[ "$*" = "install --editable .[test]" ] || exit 1
exec {uv} pip install --quiet --offline --no-deps --no-build-isolation --python {python} --target {site} .
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def write_files(folder: Path) -> None:
    """Write each block that begins with the name of its file."""
    for block in blocks("python") + blocks("toml"):
        (folder / block.partition("\n")[0].removeprefix("# ")).write_text(block)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orderport-spool")
    write_files(folder)
    # The page does not make a storage; its test is run on the one in memory.
    shelf = "from adapters.outbound.memory import MemoryStorageSettings as ShelfSettings\n"
    (folder / "shelf" / "orderport_shelf.py").parent.mkdir()
    (folder / "shelf" / "orderport_shelf.py").write_text(shelf)
    (folder / "test_shelf.py").rename(folder / "shelf" / "test_shelf.py")
    return folder


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the environment of somebody who has Orderport and its extra installed."""
    tools = tmp_path_factory.mktemp("tools")
    site = tools / "site"
    pip = tools / "pip"
    pip.write_text(PIP.format(uv=find_uv_bin(), python=sys.executable, site=site))
    pip.chmod(0o755)
    path = f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return environment() | {"PATH": path, "PYTHONPATH": str(site)}


def run(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(folder: Path, variables: dict[str, str]) -> str:
    """Install the adapter, test it and list it; give what was printed."""
    ran = run(blocks("sh")[0], folder, variables)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_adapter_passes_the_kit_and_is_listed(installed: str) -> None:
    assert re.search(r"\d+ passed", installed)
    (row,) = [line.split() for line in installed.splitlines() if " spool " in line]
    assert row == ["events", "spool", "orderport-spool", "0.1", "0", "readable"]


@pytest.mark.usefixtures("installed")
def test_the_service_runs_on_it(folder: Path, variables: dict[str, str], tmp_path: Path) -> None:
    script = blocks("sh")[1].replace("/tmp/spool", str(tmp_path / "spool"))
    with serving(["bash", "-c", f"{script} & wait $!"], folder, variables) as service:
        assert service.get("/health/ready") == 200


@pytest.mark.usefixtures("installed")
def test_a_fault_is_found_and_told_in_the_words_of_the_port(
    folder: Path, variables: dict[str, str]
) -> None:
    (said,) = blocks("text")
    sound = (folder / "orderport_spool.py").read_text()
    try:
        ran = run(blocks("sh")[2], folder, variables)
    finally:
        (folder / "orderport_spool.py").write_text(sound)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    assert said.strip() in ran.stdout


@pytest.mark.parametrize(
    "options", [["-p", "no:asyncio", "-p", "no:anyio"], ["-o", "asyncio_mode=auto"]]
)
def test_the_kit_runs_whatever_else_does(
    options: Sequence[str], folder: Path, variables: dict[str, str]
) -> None:
    ran = run(f"pytest test_spool.py {' '.join(options)}", folder, variables)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_storage_is_tested_as_shown(folder: Path, variables: dict[str, str]) -> None:
    ran = run("pytest -k user", folder / "shelf", variables)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_tests_that_are_shown_have_ten_lines_at_most() -> None:
    tests = [block for block in blocks("python") if block.startswith("# test_")]
    assert len(tests) == 2
    for test in tests:
        assert len([line for line in test.splitlines()[1:] if line]) <= 10
