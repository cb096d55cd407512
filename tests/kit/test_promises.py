"""Every sentence of the ports' docstrings is quoted, to its last word, by a check of the kit, and nothing else is."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from core.ports import backlog, events, plugins, storage
from orderport.testing import EventsKit, StorageKit
from orderport.testing.promises import QUOTES

LEFT_OUT = "..."
SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z`])")
CONJUNCTIONS = {"and", "or", "nor"}


def docstrings(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Give each string that documents something, with the names of what it stands in and behind."""

    def walk(name: str, body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
        documented = name
        for statement in body:
            match statement:
                case ast.Expr(ast.Constant(str() as text)):
                    yield documented, text
                case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                    yield from walk(f"{name}.{statement.name}", statement.body)
                case ast.Assign(targets=[ast.Name(target)]) | ast.AnnAssign(ast.Name(target)):
                    documented = f"{name}.{target}"

    yield from walk("", ast.parse(inspect.getsource(module)).body)


def sentences(*modules: ModuleType) -> list[str]:
    return [
        sentence
        for module in modules
        for _, text in docstrings(module)
        for sentence in SENTENCES.split(" ".join(text.split()))
    ]


def sentences_about(places: str) -> list[str]:
    """Give what `core.ports.plugins` says in places that match."""
    return [
        sentence
        for place, text in docstrings(plugins)
        if re.fullmatch(places, place)
        for sentence in SENTENCES.split(" ".join(text.split()))
    ]


def quotes(kit: type[object]) -> set[str]:
    checks = [check for name, check in inspect.getmembers(kit) if name.startswith("test_")]
    assert [check for check in checks if not getattr(check, QUOTES, ())] == []
    return {quote for check in checks for quote in getattr(check, QUOTES)}


def find(quote: str, sentence: str) -> set[int]:
    """Give the places of a sentence's characters that a quote takes up; none where it is no quote of it."""
    pattern = ".*?".join(f"({re.escape(part)})" for part in map(str.strip, quote.split(LEFT_OUT)))
    found = re.fullmatch(pattern, sentence)
    if not found:
        return set()
    return {at for part in range(1, len(found.groups()) + 1) for at in range(*found.span(part))}


# The rest of `core.ports.plugins` binds Orderport itself.
STORAGE_SENTENCES = sentences(storage, backlog) + sentences_about(
    r"\.StorageSettings.*|\.Feature(\.DURABLE|\.SHARED)?"
)
EVENTS_SENTENCES = sentences(events) + sentences_about(
    r"\.(Readable)?EventsSettings.*|\.Feature(\.READABLE)?"
)


@pytest.mark.parametrize(
    ("kit", "promised"), [(StorageKit, STORAGE_SENTENCES), (EventsKit, EVENTS_SENTENCES)]
)
def test_every_word_of_the_ports_is_quoted_by_a_check(
    kit: type[object], promised: list[str]
) -> None:
    left = {}
    for sentence in promised:
        quoted = set().union(*(find(quote, sentence) for quote in quotes(kit)))
        rest = "".join(
            letter if at not in quoted and letter.isalnum() else " "
            for at, letter in enumerate(sentence)
        )
        if words := set(rest.split()) - CONJUNCTIONS:
            left[sentence] = words
    assert left == {}


@pytest.mark.parametrize(
    ("kit", "promised"), [(StorageKit, STORAGE_SENTENCES), (EventsKit, EVENTS_SENTENCES)]
)
def test_every_quote_stands_in_a_port(kit: type[object], promised: list[str]) -> None:
    assert [
        quote for quote in quotes(kit) if not any(find(quote, sentence) for sentence in promised)
    ] == []
