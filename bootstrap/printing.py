"""What commands print: tables for people, JSON for programs, on standard output; progress on standard error."""

import json
import sys
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from core.domain.events import to_rfc3339
from core.domain.ids import Id
from core.ports.backlog import WaitingOrder
from core.use_cases.operations import Replayed
from core.use_cases.verification import Finding, Verification

MOST_ROWS = 100
MOST_LINES = 10
"""In one row."""
PIPE_WIDTH = 200
"""How wide a table is that is not printed on a terminal."""

T = TypeVar("T")


def print_json(document: Mapping[str, object]) -> None:
    """Print one line of JSON."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; what is in it is text, whatever it looks like, and the first column is never broken."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def print_waiting(orders: Sequence[WaitingOrder], now: datetime) -> None:
    """Print what waits, a line for each order, as it stands `now`."""
    print_table(
        ("order", "versions", "waits since", "state"),
        [(o.order_id, _versions(o), to_rfc3339(o.since), _state(o, now)) for o in orders],
    )


def print_failed(orders: Sequence[WaitingOrder]) -> None:
    """Print why orders are set aside, a line for each."""
    print_table(
        ("order", "version", "set aside at", "tries", "behind it", "reason"),
        [
            (o.order_id, str(f.version), to_rfc3339(f.at), str(f.tries), str(o.count - 1), f.reason)
            for o in orders
            if (f := o.failure)
        ],
    )


def print_retried(order_id: Id, *, as_json: bool) -> None:
    """Print that an order is tried again."""
    if as_json:
        print_json({"order_id": order_id})
    else:
        print(f"order {order_id} is tried again")


def print_replayed(replayed: Sequence[Replayed]) -> None:
    """Print what a replay did about orders, a line for each."""
    print_table(
        ("order", "version", "fate", "reason"),
        [(one.order_id, str(one.version), one.fate, one.reason) for one in replayed],
    )


def replayed_document(replayed: Replayed) -> Mapping[str, object]:
    """Give what a replay did about an order for JSON."""
    return {
        "order_id": replayed.order_id,
        "version": replayed.version,
        "fate": replayed.fate,
        "reason": replayed.reason,
    }


def print_verification(found: Verification) -> None:
    """Print how many events were found of each kind, and which."""
    print_table(
        ("found", "events", "among them"),
        [(kind.replace("_", " "), str(f.count), _listed(f)) for kind, f in found.findings.items()],
    )
    verdict = "agree" if found.agrees else "DO NOT AGREE"
    print(f"{found.orders} orders and {found.messages} messages: storage and topic {verdict}")


def waiting_document(order: WaitingOrder) -> Mapping[str, object]:
    """Give what waits of an order for JSON."""
    failure, lease = order.failure, order.lease
    return {
        "order_id": order.order_id,
        "first_version": order.first_version,
        "last_version": order.last_version,
        "count": order.count,
        "since": to_rfc3339(order.since),
        "failure": failure
        and {
            "version": failure.version,
            "reason": failure.reason,
            "at": to_rfc3339(failure.at),
            "tries": failure.tries,
        },
        "lease": lease and {"who": lease.who, "until": to_rfc3339(lease.until)},
    }


def verification_document(found: Verification) -> Mapping[str, object]:
    """Give what was found for JSON."""
    return {
        "agrees": found.agrees,
        "orders": found.orders,
        "messages": found.messages,
        **{str(k): {"count": f.count, "events": f.events} for k, f in found.findings.items()},
    }


def progress_bar() -> Progress:
    """Give a bar that is shown on a terminal, and nowhere else."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


async def oldest(orders: AsyncIterable[WaitingOrder]) -> tuple[Sequence[WaitingOrder], int]:
    """Give those that waited longest, MOST_ROWS at most, and how many there are."""

    def age(order: WaitingOrder) -> datetime:
        return order.since

    kept: list[WaitingOrder] = []
    count = 0
    async for order in orders:
        kept.append(order)
        count += 1
        if len(kept) == 2 * MOST_ROWS:
            kept = sorted(kept, key=age)[:MOST_ROWS]
    return sorted(kept, key=age)[:MOST_ROWS], count


async def first(items: AsyncIterable[T]) -> tuple[Sequence[T], int]:
    """Give the first MOST_ROWS, and how many there are."""
    kept: list[T] = []
    count = 0
    async for item in items:
        count += 1
        if len(kept) < MOST_ROWS:
            kept.append(item)
    return kept, count


def _versions(order: WaitingOrder) -> str:
    if order.first_version == order.last_version:
        return str(order.first_version)
    return f"{order.first_version} to {order.last_version}"


def _state(order: WaitingOrder, now: datetime) -> str:
    if order.failure:
        return f"set aside: {order.failure.reason}"
    if order.lease and order.lease.who and order.lease.until > now:
        return f"with process {order.lease.who} until {to_rfc3339(order.lease.until)}"
    return "to be taken up"


def _listed(finding: Finding) -> str:
    shown = finding.events[:MOST_LINES]
    return "\n".join([*shown, "..."] if finding.count > len(shown) else shown)
