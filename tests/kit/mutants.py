"""`make mutants`: changes the memory adapter in every way that mutmut knows, and runs the kit on each change.

Ends with status 1 where a change is noticed by no check and is not listed in equivalent_mutants.toml.
"""

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

MUTMUT = Path(sys.executable).with_name("mutmut")
LISTED = Path(__file__).with_name("equivalent_mutants.toml")
NOTICED = {"killed", "timeout"}


class Change(NamedTuple):
    """A line of the adapter, and what became of it."""

    was: str
    now: str


def main() -> int:
    """Run it, and tell what was not noticed."""
    subprocess.run([MUTMUT, "run"], check=True)
    ended = results()
    listed = {Change(one["was"], one["is"]) for one in tomllib.loads(LISTED.read_text())["mutant"]}
    left = {name: change(name) for name, how in ended.items() if how not in NOTICED}
    new = {name: found for name, found in left.items() if found not in listed}
    print(f"{len(ended)} mutants:", *(f"{n} {how}" for how, n in Counter(ended.values()).items()))
    print(f"{len(left) - len(new)} are listed as equivalent, {len(new)} are not")
    for name, found in new.items():
        print(f"\n{name}: {ended[name]}\n- {found.was}\n+ {found.now}")
    for unknown in listed - set(left.values()):
        print(f"\nlisted, and there is no such survivor:\n- {unknown.was}\n+ {unknown.now}")
    return 1 if new else 0


def results() -> Mapping[str, str]:
    """Give how each mutant ended."""
    lines = run("results", "--all", "true").splitlines()
    rows = (line.strip().partition(": ") for line in lines if ": " in line)
    return {name: how for name, _, how in rows}


def change(name: str) -> Change:
    """Give what a mutant is."""
    diff = [line for line in run("show", name).splitlines() if not line.startswith(("---", "+++"))]
    was = " ".join(line[1:].strip() for line in diff if line.startswith("-"))
    now = " ".join(line[1:].strip() for line in diff if line.startswith("+"))
    return Change(was, now)


def run(*arguments: str) -> str:
    """Give what mutmut prints."""
    return subprocess.run([MUTMUT, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
