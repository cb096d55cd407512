"""What is away, told once for each change."""

import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(slots=True)
class Reach:
    """Whether broker and storage can be reached.

    `broker_away` is why nothing can be delivered now, or None; `failures` is how many batches in a row had no answer.
    """

    broker_away: str | None = None
    failures: int = 0
    _storage_away: bool = False

    def broker_is_away(self, reason: str) -> None:
        """Take note that a batch had no answer."""
        if self.broker_away is None:
            log.warning("events wait: %s", reason)
        self.broker_away = reason
        self.failures += 1

    def broker_is_back(self) -> None:
        """Take note that a batch had an answer."""
        if self.broker_away is not None:
            log.info("events flow again")
        self.broker_away, self.failures = None, 0

    def storage_is(self, *, away: bool) -> None:
        """Take note of how a command ended."""
        if away and not self._storage_away:
            log.warning("storage is away; the relay goes on when it is back")
        elif self._storage_away and not away:
            log.info("storage is back")
        self._storage_away = away


def pause(tries: int, chance: float) -> float:
    """Give seconds to wait: twice as many with each try, up to the longest, and by chance up to a half less."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(tries, 10), LONGEST_PAUSE_SECONDS) * (
        1 - 0.5 * chance
    )
