import hashlib
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.packaging.service import MEMORY, environment, serving

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("adapters", "bootstrap", "conformance", "core", "orderport", "spec")


def uv(*arguments: str | Path) -> None:
    subprocess.run([find_uv_bin(), *arguments, "--quiet"], cwd=REPOSITORY, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pinned build back end."""
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and what it asks for; give the environment's `bin`."""
    return install(wheel, tmp_path_factory.mktemp("installed"), "orderport")


@pytest.fixture(scope="module")
def installed_with_checks(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Likewise, with what the checks of a server ask for."""
    return install(wheel, tmp_path_factory.mktemp("checks"), "orderport[contract]")


def install(wheel: Path, folder: Path, name: str) -> Path:
    """Install of the lock's versions and hashes; give the environment's `bin`."""
    requirement = folder / "requirement.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirement.write_text(f"{name} @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    python = folder / "venv" / "bin" / "python"
    uv("venv", "--python", sys.executable, folder / "venv")
    uv(
        *("pip", "install", "--python", python, "--require-hashes", "--no-build"),
        *("--requirement", requirement, "--constraint", "requirements.lock"),
    )
    return python.parent


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = (file for package in PACKAGES for file in (REPOSITORY / package).rglob("*"))
    assert {name.partition("/")[0] for name in held} == set(PACKAGES)
    assert held >= {
        file.relative_to(REPOSITORY).as_posix()
        for file in sources
        if file.suffix in (".py", ".yaml")
    }
    assert "spec/openapi.yaml" in held


def test_the_wheel_declares_its_command_and_its_plug_ins(wheel: Path) -> None:
    (metadata,) = (
        path for path in zipfile.Path(wheel).iterdir() if path.name.endswith(".dist-info")
    )
    declared = PathDistribution(metadata).entry_points
    adapters = "adapters.outbound"
    assert {(entry.group, entry.name, entry.value) for entry in declared} == {
        ("console_scripts", "orderport", "bootstrap.__main__:main"),
        ("orderport.storage", "memory", f"{adapters}.memory:MemoryStorageSettings"),
        ("orderport.storage", "mongo", f"{adapters}.mongo:MongoSettings"),
        ("orderport.events", "memory", f"{adapters}.memory:MemoryEventsSettings"),
        ("orderport.events", "kafka", f"{adapters}.kafka:KafkaSettings"),
    }


def test_the_installed_plug_ins_load(installed: Path, tmp_path: Path) -> None:
    load = """
from importlib.metadata import distribution
for entry in distribution("orderport").entry_points:
    entry.load()
"""
    subprocess.run([installed / "python", "-I", "-c", load], cwd=tmp_path, check=True)


def test_what_makers_of_adapters_import_is_there_and_the_kit_says_what_it_needs(
    installed: Path, tmp_path: Path
) -> None:
    use = """
from orderport import *
print(PORTS_VERSION)
try:
    import orderport.testing
except ModuleNotFoundError as error:
    print(error)
"""
    ran = subprocess.run(
        [installed / "python", "-I", "-c", use],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "0\nthe kit needs its extra: install orderport[testing]\n"


def test_the_installed_command_explains_itself(installed: Path, tmp_path: Path) -> None:
    subprocess.run([installed / "orderport", "--help"], cwd=tmp_path, check=True)


def test_the_installed_command_serves_until_it_is_stopped(installed: Path, tmp_path: Path) -> None:
    with serving([installed / "orderport", "serve"], tmp_path, MEMORY) as service:
        assert service.get("/health/live") == 200
        status, _, log = service.stop()
    assert status == 0, log


def test_make_run_keeps_standard_output_for_the_events() -> None:
    """`make` itself reports the signal; what it started has ended by then, because its pipes are closed."""
    with serving(["make", "run"], REPOSITORY, {}) as service:
        assert service.get("/health/ready") == 200
        _, output, _ = service.stop()
    assert output == ""


def test_the_installed_command_tells_what_the_checks_of_a_server_need(
    installed: Path, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [installed / "orderport", "contract", "http", "--url", "http://127.0.0.1:1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.endswith("pip install 'orderport[contract]'")


def test_the_installed_checks_hold_the_installed_service_to_the_contract(
    installed_with_checks: Path, tmp_path: Path
) -> None:
    orderport = installed_with_checks / "orderport"
    with serving([orderport, "serve"], tmp_path, MEMORY) as service:
        ran = subprocess.run(
            [orderport, "contract", "http", "--url", service.url, "-k", "test_ids or test_events"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert "0 breaches" in ran.stdout
    assert "checks not made: events are read with --kafka and --topic" in ran.stdout
    assert list(tmp_path.iterdir()) == []
