"""What a service's processes did, in the order in which they did it, in a file that outlives them.

The plug-in writes it; the allowance for repeats is read from it.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from tests.faults.history import event_id


class Deed(StrEnum):
    """What is written down, before it begins or after it has ended, as its name says."""

    SENDING = "sending"
    ANSWERED = "answered"
    MARKED = "marked"


class Journal:
    """One process's pen; several processes write to one file, a call at a time, each appended whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, deed: Deed, events: Iterable[tuple[str, int]]) -> None:
        """Write down what was done, or is about to be, of these versions of orders."""
        who = os.getpid()
        lines = [f"{who} {deed} {event_id(*event)}\n" for event in events]
        os.write(self._file, "".join(lines).encode())


def allowance(path: Path, attempts: int = 1) -> Mapping[str, int]:
    """Tell how many repeats of each event are excused: its sends without an answer and its leases that ran out.

    `attempts` is how often a send may have been on the wire.

    A lease of an event has run out where another process sends it than the one that did before, unless its mark was
    acknowledged by then.
    """
    excused: Counter[str] = Counter()
    sender: dict[str, str] = {}
    marked: dict[str, int] = defaultdict(int)
    for line in path.read_text().splitlines():
        who, deed, event = line.split()
        order_id, version = event.rsplit("-", 1)
        match Deed(deed):
            case Deed.SENDING:
                excused[event] += attempts
                if sender.get(event, who) != who and marked[order_id] < int(version):
                    excused[event] += 1
                sender[event] = who
            case Deed.ANSWERED:
                excused[event] -= 1
            case Deed.MARKED:
                marked[order_id] = max(marked[order_id], int(version))
    return excused
