"""What the relay does in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.domain.errors import StorageUnavailable
from core.use_cases.relay.reach import Reach

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
Group = set["asyncio.Task[None]"]


class Tasks:
    """Pieces of work under way, by their kind; whatever goes wrong ends one alone. `on_end` is called after each."""

    def __init__(self, reach: Reach, on_end: Callable[[], None]) -> None:
        self._reach = reach
        self._on_end = on_end
        self.flights: Group = set()
        self.marks: Group = set()
        self.others: Group = set()
        """What ends when nothing more is looked for."""

    def begin(self, work: Work, group: Group) -> None:
        """Begin a piece of work in the loop's next turn."""

        def end(task: "asyncio.Task[None]") -> None:
            group.discard(task)
            self._on_end()

        task = asyncio.create_task(self.guard(work))
        group.add(task)
        task.add_done_callback(end)

    async def guard(self, work: Work) -> None:
        """Do a piece of work; raises nothing."""
        try:
            await work()
        except StorageUnavailable:
            self._reach.storage_is(away=True)
        except Exception:  # nobody would see it, and the scan finds what was given up
            log.exception("sending events failed; they are sent again")

    async def finish(self) -> None:
        """Wait until no flight and no mark is under way."""
        while under_way := self.flights | self.marks:
            await asyncio.wait(under_way)

    async def cancel(self) -> None:
        """End all that is under way."""
        if ended := self.flights | self.marks | self.others:
            for task in ended:
                task.cancel()
            await asyncio.wait(ended)
