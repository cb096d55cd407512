"""Every check stands for lines of the contract, and every line of it has a check or is listed as not checked."""

import importlib
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pytest

import conformance.http
from conformance.http import lines
from tests.harness.process import REPOSITORY

CHECKS = Path(conformance.http.__path__[0])


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


CONTRACT = plain((REPOSITORY / "docs/contract.md").read_text())
QUOTED = 0.4
"""How much of a statement is quoted at least by its checks, which leave out the words around what they check."""
PAGE = (REPOSITORY / "docs/conformance.md").read_text()


def quotes_of(marks: Sequence[pytest.Mark]) -> list[str]:
    return next((list(mark.args) for mark in marks if mark.name == "contract"), [])


def quoted_by_checks() -> dict[str, list[str]]:
    """Give the lines that each check stands for, by its name."""
    quoted = {}
    for file in CHECKS.glob("test_*.py"):
        module = importlib.import_module(f"conformance.http.{file.stem}")
        marks = getattr(module, "pytestmark", [])
        of_module = quotes_of(marks if isinstance(marks, list) else [marks.mark])
        for name, function in vars(module).items():
            if name.startswith("test_"):
                own = quotes_of(getattr(function, "pytestmark", []))
                quoted[f"{file.stem}::{name}"] = own or of_module
    return quoted


def quoted_by_every_answer() -> list[str]:
    found = [text for name, text in vars(lines).items() if name.isupper() and type(text) is str]
    return found + list(lines.SUCCESS.values())


def statements() -> Iterator[tuple[int, str]]:
    """Give what Parts 1 and 2 state, a clause or a cell of a table each, and where it stands; heads of tables aside."""
    start, end = CONTRACT.index("## Part 1"), CONTRACT.index("## Part 3")
    heads = {
        "operation",
        "request body",
        "HTTP status",
        "`status` in body",
        "`message`",
        "`data.data`",
    }
    for match in re.finditer(r"\S.*?(?:[.;|](?= )|$)", CONTRACT[start:end]):
        words = match[0].strip(" |")
        if len(words) > 10 and words not in heads:
            yield start + match.start(), words


def test_every_check_quotes_lines_that_stand_in_the_contract() -> None:
    quoted = quoted_by_checks()
    assert len(quoted) > 150
    assert [name for name, of_check in quoted.items() if not of_check] == []
    all_of_them = [line for of_check in quoted.values() for line in of_check]
    missing = {line for line in all_of_them + quoted_by_every_answer() if line not in CONTRACT}
    assert missing == set()


def test_every_line_of_the_contract_has_a_check_or_is_listed_as_not_checked() -> None:
    covered = set()
    for line in [*chain(*quoted_by_checks().values()), *quoted_by_every_answer()]:
        for found in re.finditer(re.escape(line), CONTRACT):
            covered |= set(range(found.start(), found.end()))
    unchecked = [
        words
        for at, words in statements()
        if len(covered & set(range(at, at + len(words)))) < QUOTED * len(words)
    ]
    table = PAGE.partition("## What is not checked")[2]
    listed = re.findall(r"^\| (?!line of|---)(.*) \| .* \|$", table, re.MULTILINE)
    assert [words for words in unchecked if not any(line in words for line in listed)] == []
    assert [line for line in listed if not any(line in words for words in unchecked)] == []
