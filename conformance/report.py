"""What a run found, for people."""

import sys
from textwrap import indent

from rich.console import Console
from rich.text import Text

from conformance.findings import Finding
from conformance.run import Outcome

PAGE = "docs/contract.md"


def print_report(outcome: Outcome, title: str, seconds: float) -> None:
    """Print every breach, then how many checks there were; on standard output."""
    console = Console(file=sys.stdout, highlight=False)
    for number, finding in enumerate(outcome.findings, 1):
        _print(console, Text(f"breach {number}  {finding.check}", "bold red"))
        for label, text in _parts(finding):
            _print(console, Text.assemble((f"  {label:9} ", "bold"), _hanging(text)))
        _print(console, Text())
    _print(console, Text(title, "bold"))
    made = _counted(outcome.passed + outcome.breaches, "check")
    breaches = _counted(outcome.breaches, "breach", "breaches")
    verdict = f"{made} made, {outcome.passed:,} passed, {breaches}"
    style = "bold red" if outcome.breaches else "bold green"
    _print(console, Text(f"{verdict}, in {seconds:.0f} s", style))
    for reason, count in outcome.skipped.items():
        _print(console, Text(f"{_counted(count, 'check')} not made: {reason}", "yellow"))


def _parts(finding: Finding) -> list[tuple[str, str]]:
    """Give what a breach is made of, by its label."""
    parts = [("expected", line) for line in finding.expected]
    parts += [("came", finding.came), ("because", finding.because)]
    if finding.earlier:
        parts.append(("after", f"{_counted(finding.earlier, 'other request')} of this check"))
    parts.append(("repeat", finding.repeat))
    if finding.others:
        parts.append(
            ("also", f"{_counted(len(finding.others), 'more check')}, as: {finding.others[0]}")
        )
    return [(label, text) for label, text in parts if text]


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _hanging(text: str) -> str:
    first, _, rest = text.partition("\n")
    return f"{first}\n{indent(rest, ' ' * 12)}" if rest else first


def _print(console: Console, text: Text) -> None:
    # Lines are left whole: a command that is broken by a line end is no command.
    console.print(text, soft_wrap=True)
