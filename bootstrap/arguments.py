"""The commands of operators as the command line has them."""

import argparse
import os
import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import uvloop

from bootstrap import commands
from bootstrap.installed import list_adapters
from bootstrap.settings import Settings, read_settings

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]
if TYPE_CHECKING:  # which has no public name, and no type parameters at run time
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

JSON_HELP = "print JSON, a line for each row"
# RFC 3339, section 5.6.
_is_time = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
).fullmatch


def add_commands(subparsers: "Subparsers") -> None:
    """Add what operators look up, and what they do about events."""
    adapters = subparsers.add_parser(
        "adapters",
        help="list the adapters that are installed",
        description="List the adapters that are installed: from which package, for which version of the ports, what "
        "each can do, and why one cannot be used.",
    )
    adapters.add_argument("--json", action="store_true", help=JSON_HELP)
    adapters.set_defaults(run=lambda arguments: list_adapters(as_json=arguments.json))
    verify_events = subparsers.add_parser(
        "verify-events",
        help="tell whether storage and topic agree",
        description="Read storage and topic and tell whether they agree; status 1 if not. Changes nothing, and may "
        "run while the service does.",
    )
    _complete(verify_events, commands.verify)
    events = subparsers.add_parser(
        "events",
        help="look at events that wait, mend what is set aside, send again",
        description="See docs/operations/events.md.",
    ).add_subparsers(metavar="COMMAND", required=True)
    _complete(
        events.add_parser("pending", help="list the orders of which events wait"),
        commands.list_pending,
    )
    _complete(
        events.add_parser("failed", help="list the orders that are set aside"), commands.list_failed
    )
    _add_retry(events)
    _add_discard(events)
    _add_replay(events)


def _add_retry(events: "Subparsers") -> None:
    retry = events.add_parser("retry", help="try again what was refused")
    which = retry.add_mutually_exclusive_group(required=True)
    which.add_argument("id", metavar="ID", nargs="?", help="an order that is set aside")
    which.add_argument("--all", action="store_true", help="all of them")
    _complete(retry, commands.retry)


def _add_discard(events: "Subparsers") -> None:
    discard = events.add_parser(
        "discard",
        help="give up the refused event of an order",
        description="Give up the event for which an order is set aside. Consumers will never see it.",
    )
    discard.add_argument("id", metavar="ID", help="an order that is set aside")
    discard.add_argument("--yes", action="store_true", help="do not ask")
    _complete(discard, commands.discard)


def _add_replay(events: "Subparsers") -> None:
    replay = events.add_parser(
        "replay",
        help="send the latest event of orders again",
        description="Send the latest event of orders again, the same bytes. Older versions are not kept.",
    )
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("--order", metavar="ID", help="one order")
    which.add_argument(
        "--since",
        metavar="TIME",
        type=_read_time,
        help="all that have changed since then: 2026-01-31T12:00:00Z",
    )
    _complete(replay, commands.replay)


def _complete(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.add_argument("--json", action="store_true", help=JSON_HELP)
    parser.set_defaults(run=partial(_run, command))


def _run(command: Command, arguments: argparse.Namespace) -> int:
    return uvloop.run(command(read_settings(os.environ), arguments))


def _read_time(text: str) -> datetime:
    if not _is_time(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time as RFC 3339 has it")
    time = datetime.fromisoformat(text.upper())
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
