"""What was downloaded stays in `.cache/` at the repository's root."""

import shutil
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


def cached(name: str, fill: Callable[[Path], None]) -> Path:
    """Give the folder `.cache/<name>`, which `fill` has filled once, wholly or not at all.

    Of several runs at once one fills and the others wait for it; what a cut run left is thrown away.
    """
    folder = CACHE / name
    if folder.is_dir():
        return folder
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # a process that dies lets go of it
        if not folder.is_dir():
            draft = CACHE / f"{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            fill(draft)
            draft.rename(folder)
    return folder
