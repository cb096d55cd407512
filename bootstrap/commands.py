"""The commands of operators: what they do about events, and whether storage and topic agree."""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager

from adapters.outbound.sqlite import open_sorter
from adapters.outbound.system import SystemClock
from bootstrap.printing import (
    first,
    oldest,
    print_failed,
    print_json,
    print_replayed,
    print_retried,
    print_verification,
    print_waiting,
    progress_bar,
    replayed_document,
    verification_document,
    waiting_document,
)
from bootstrap.settings import Settings
from core.domain.errors import NothingToDo, WrongSettings
from core.ports.backlog import Backlog, WaitingOrder
from core.ports.plugins import Feature, is_readable
from core.use_cases.operations import DiscardFailed, Fate, FindFailed, Replay, Replayed, RetryFailed
from core.use_cases.verification import Stage, VerifyEvents

log = logging.getLogger(__name__)

CLOCK = SystemClock()
YES = {"y", "yes"}


@asynccontextmanager
async def opened_backlog(settings: Settings) -> AsyncIterator[Backlog]:
    """Open the storage that the service works on. Raises `WrongSettings`, `StorageUnavailable`."""
    if Feature.SHARED not in settings.storage.features:
        raise WrongSettings(
            ["ORDERPORT_STORAGE: of this storage no process sees what another one has stored"]
        )
    async with settings.storage.open() as storage:
        await storage.check()
        yield storage.backlog


async def list_pending(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print what waits, for people the oldest of it."""
    async with opened_backlog(settings) as backlog:
        if arguments.json:
            return await _print_lines(backlog.waiting())
        orders, count = await oldest(backlog.waiting())
    if orders:
        print_waiting(orders, CLOCK.now())
    _tell(f"orders of which events wait: {count}" + _rest(len(orders), count))
    return 0


async def list_failed(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print what is set aside, for people what was first."""
    async with opened_backlog(settings) as backlog:
        if arguments.json:
            return await _print_lines(backlog.failed())
        orders, count = await first(backlog.failed())
    if orders:
        print_failed(orders)
    _tell(f"orders that are set aside: {count}" + _rest(len(orders), count))
    return 0


async def retry(settings: Settings, arguments: argparse.Namespace) -> int:
    """Let one order, or all that are set aside, be tried again."""
    async with opened_backlog(settings) as backlog:
        retry_failed = RetryFailed(backlog, FindFailed(backlog), CLOCK)
        if arguments.all:
            count = 0
            async for order_id in retry_failed.all():
                print_retried(order_id, as_json=arguments.json)
                count += 1
            if not count:
                raise NothingToDo("no order is set aside")
        else:
            print_retried(await retry_failed.one(arguments.id), as_json=arguments.json)
    return 0


async def discard(settings: Settings, arguments: argparse.Namespace) -> int:
    """Give up the refused event of an order, once somebody is sure."""
    async with opened_backlog(settings) as backlog:
        found = await FindFailed(backlog)(arguments.id)
        if not arguments.yes and not await _is_sure(found):
            _tell("nothing was discarded")
            return 1
        await DiscardFailed(backlog, CLOCK)(found)
    if found.failure and arguments.json:
        print_json({"order_id": found.order_id, "version": found.failure.version})
    elif found.failure:
        print(f"version {found.failure.version} of order {found.order_id} is discarded")
    return 0


async def replay(settings: Settings, arguments: argparse.Namespace) -> int:
    """Send latest events again."""
    async with opened_backlog(settings) as backlog, settings.events.open() as publisher:
        replay = Replay(backlog, publisher, CLOCK)
        if arguments.order is None:
            fates = await _print_fates(replay.since(arguments.since), as_json=arguments.json)
        else:
            fates = await _print_fates(
                _only(await replay.order(arguments.order)), as_json=arguments.json
            )
    _tell(", ".join(f"{fates[fate]} {fate}" for fate in Fate))
    if not any(fates.values()):
        raise NothingToDo("no order has changed since then")
    return 0 if fates[Fate.SENT] and not fates[Fate.REFUSED] else 1


async def verify(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print whether storage and topic agree."""
    if not is_readable(settings.events):
        raise WrongSettings(["ORDERPORT_EVENTS: what this adapter sends cannot be read back"])
    async with opened_backlog(settings) as backlog, settings.events.open_log() as event_log:
        with open_sorter() as sorter, progress_bar() as bar:
            tasks = {stage: bar.add_task(stage, total=None, visible=False) for stage in Stage}

            def show(stage: Stage, done: int, total: int | None) -> None:
                bar.update(tasks[stage], completed=done, total=total, visible=True)

            found = await VerifyEvents(backlog, event_log, sorter, show)()
    if arguments.json:
        print_json(verification_document(found))
    else:
        print_verification(found)
    return 0 if found.agrees else 1


async def _print_lines(orders: AsyncIterable[WaitingOrder]) -> int:
    async for order in orders:
        print_json(waiting_document(order))
    return 0


async def _print_fates(replayed: AsyncIterable[Replayed], *, as_json: bool) -> dict[Fate, int]:
    """Print what came of each order, for people only where it was not sent; count it."""
    fates = dict.fromkeys(Fate, 0)

    async def counted() -> AsyncIterator[Replayed]:
        async for one in replayed:
            fates[one.fate] += 1
            if as_json:
                print_json(replayed_document(one))
            else:
                yield one

    unsent, _ = await first(one async for one in counted() if one.fate is not Fate.SENT)
    if unsent:
        print_replayed(unsent)
    return fates


async def _only(replayed: Replayed) -> AsyncIterator[Replayed]:
    yield replayed


async def _is_sure(found: WaitingOrder) -> bool:
    """Ask whoever sits at the terminal. Raises `NothingToDo` where nobody does."""
    if not sys.stdin.isatty():
        raise NothingToDo("nobody can be asked here: discard with --yes")
    if found.failure:
        _tell(
            f"Version {found.failure.version} of order {found.order_id} was refused "
            f"({found.failure.reason}). Consumers will never see it; later versions follow."
        )
    print("Discard it? [y/N] ", end="", file=sys.stderr, flush=True)
    await _readable(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower() in YES


async def _readable(file: int) -> None:
    """Wait for a line without holding up the event loop, which has to hear of Ctrl-C."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(file, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(file)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _rest(shown: int, count: int) -> str:
    return f"; only the first {shown} are shown, --json lists all" if count > shown else ""
