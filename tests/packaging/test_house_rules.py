import ast
import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CORE = REPOSITORY / "core"
ALLOWED = sys.stdlib_module_names | {"core"}


def imported(module: Path) -> set[str]:
    """Give the top-level names that a module imports; a relative import stays in the core."""
    names = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_the_core_imports_nothing_outside_the_standard_library() -> None:
    imports = {str(module.relative_to(CORE)): imported(module) for module in CORE.rglob("*.py")}
    assert imports
    assert {module: names - ALLOWED for module, names in imports.items() if names - ALLOWED} == {}


def test_plug_ins_and_their_tests_import_nothing_of_the_house_but_what_is_published() -> None:
    house = {entry.name for entry in REPOSITORY.iterdir() if entry.is_dir()} - {"orderport"}
    assert {"core", "tests"} <= house
    modules = list(REPOSITORY.glob("plugins/*/**/*.py"))
    assert modules
    imports = {str(module.relative_to(REPOSITORY)): imported(module) for module in modules}
    assert {module: names & house for module, names in imports.items() if names & house} == {}


def test_the_benchmarks_import_nothing_that_their_environment_lacks() -> None:
    locks = [REPOSITORY / name for name in ("requirements.lock", "benchmarks/requirements.lock")]
    ours, theirs = (
        set(re.findall(r"^[\w.-]+(?===)", lock.read_text(), re.MULTILINE)) for lock in locks
    )
    absent = [
        module
        for module, packages in packages_distributions().items()
        if not {package.lower().replace("_", "-") for package in packages} - (ours - theirs)
    ]
    assert {"pytest", "redis"} <= set(absent)
    hiding = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:])); import benchmarks.__main__"
    )
    subprocess.run([sys.executable, "-c", hiding, *absent], cwd=REPOSITORY, check=True)


def test_the_lock_names_versions_and_hashes_and_no_place() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert "==" in lock
    assert not re.search(r"://|@ |^-|\.(org|com|whl)\b", lock, re.MULTILINE)


def test_the_lock_of_the_linter_names_versions_and_hashes_and_no_place() -> None:
    lock = json.loads((REPOSITORY / "tests/contract/lint/package-lock.json").read_text())
    packages = [entry for path, entry in lock["packages"].items() if path]
    assert packages
    assert all("version" in entry and "integrity" in entry for entry in packages)
    assert "://" not in json.dumps(lock)
