"""Where results go: the terminal, and `benchmarks/results`."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
PACKAGES = ("litestar", "uvicorn", "pymongo", "aiokafka", "fastapi", "beanie")

Json = dict[str, Any]


def say(*lines: str) -> None:
    """Print lines."""
    print(*lines, sep="\n", flush=True)


def row(first: str, *others: str) -> str:
    """Give a line of a table."""
    return f"  {first:<10}" + "".join(f"{other:>12}" for other in others)


def save(name: str, results: Json) -> None:
    """Write a file of results, with where and when they were measured."""
    RESULTS.mkdir(exist_ok=True)
    about = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"about": about, **results}, indent=1) + "\n")
    say("", f"written: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


def fail(message: str) -> int:
    """Say what is wrong, and give the exit status."""
    print(message, file=sys.stderr)
    return 1
