"""What a check found, in words for people, taken from how it failed."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeAlias

import httpx
import pytest

from conformance.http.answers import Answer
from conformance.http.breach import Breach
from conformance.http.journal import Exchange, journal

LONGEST = 400
"""How many characters of a text are shown."""

Lines: TypeAlias = tuple[str, ...]


@dataclass
class Finding:
    """One breach, and how many checks it met."""

    check: str
    """The check that met it first."""
    expected: Lines
    """Lines of docs/contract.md, or a place in a specification."""
    came: str
    because: str
    exchange: Exchange | None
    """The request to repeat, where it is known."""
    earlier: int
    """How many requests the check had sent before."""
    repeat: str = ""
    """A command that repeats it."""
    others: list[str] = field(default_factory=list)
    """The other checks that it met."""


def find(item: pytest.Item, error: BaseException, *, in_setup: bool) -> Finding:
    """Tell what a failed check found."""
    foreign = isinstance(error, Breach) and error.repeat
    exchange = None if foreign else _exchange_of(error)
    earlier = list(journal.exchanges).index(exchange) if exchange else 0
    return Finding(
        check=("what the checks start from: " if in_setup else "") + name_of(item),
        expected=error.expected if isinstance(error, Breach) else lines_of(item),
        came=_what_came(exchange, error),
        because=error.came if isinstance(error, Breach) else _shortened(_words(error)),
        exchange=exchange,
        earlier=earlier,
        repeat=error.repeat if isinstance(error, Breach) else "",
    )


def lines_of(item: pytest.Item) -> Lines:
    """Give the lines of docs/contract.md that a check stands for."""
    marker = item.get_closest_marker("contract")
    return marker.args if marker else ()


def kind_of(item: pytest.Item, error: BaseException, *, in_setup: bool) -> object:
    """Tell breaches apart that are worth a line each; the others are cases of one."""
    if isinstance(error, Breach):
        return error.expected, error.came
    return str(error) if in_setup else item.nodeid.partition("[")[0]


def name_of(item: pytest.Item) -> str:
    """Give the sentence that a check's name is, and its case."""
    function, _, case = item.name.partition("[")
    sentence = function.removeprefix("test_").replace("_", " ")
    return f"{sentence} [{_shortened(case)}" if case else sentence


def _exchange_of(error: BaseException) -> Exchange | None:
    """Find the exchange that an error is about: that of the latest answer in the innermost place that has any."""
    by_answer = {
        id(exchange.answer): (number, exchange)
        for number, exchange in enumerate(journal.exchanges)
        if exchange.answer is not None
    }
    for names in reversed(_places(error.__traceback__)):
        known = [
            by_answer[id(value)]
            for value in names.values()
            if isinstance(value, Answer) and id(value) in by_answer
        ]
        if known:
            return max(known, key=lambda numbered: numbered[0])[1]
    return journal.exchanges[-1] if journal.exchanges else None


def _places(traceback: TracebackType | None) -> list[dict[str, object]]:
    places = []
    while traceback:
        places.append(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next
    return places


def _what_came(exchange: Exchange | None, error: BaseException) -> str:
    if exchange is None:
        return ""
    if exchange.answer is None:
        lost = isinstance(error, httpx.TransportError | OSError)
        return f"no answer: {type(error).__name__}" if lost else ""
    answer = exchange.answer
    body = answer.body.decode(errors="backslashreplace")
    in_a_line = " ".join(line.strip() for line in body.splitlines())
    return _shortened(f"HTTP {answer.status} {in_a_line}".strip())


def _words(error: BaseException) -> str:
    """Give what an error says; of an assert the comparison."""
    said = str(error)
    if not isinstance(error, AssertionError):
        said = f"{type(error).__name__} {said}"
    return "\n".join(line for line in said.splitlines() if line.strip() and "Use -v" not in line)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
