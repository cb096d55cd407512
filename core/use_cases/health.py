"""Whether the service can do its work now."""

import asyncio
from dataclasses import dataclass

from core.domain.errors import EventsUnavailable, StorageUnavailable
from core.ports.events import Publisher
from core.ports.storage import Storage
from core.use_cases.relay import Relay

NO_ANSWER = "no answer in time"


@dataclass(frozen=True, slots=True)
class Health:
    """Why storage is down, and why events only wait; None where all is well."""

    storage_down: str | None
    events_degraded: str | None


class CheckHealth:
    """Ask storage and the broker, for `seconds` at most."""

    def __init__(
        self, storage: Storage, publisher: Publisher, relay: Relay, seconds: float = 0.8
    ) -> None:
        self._storage = storage
        self._publisher = publisher
        self._relay = relay
        self._seconds = seconds

    async def __call__(self) -> Health:
        """Give what is known within the time; raises nothing."""
        return Health(*await asyncio.gather(self._check_storage(), self._check_events()))

    async def _check_storage(self) -> str | None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._storage.check()
        except StorageUnavailable as error:
            return str(error)
        except TimeoutError:
            return NO_ANSWER
        return None

    async def _check_events(self) -> str | None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._publisher.check()
        except EventsUnavailable as error:
            return str(error)
        except TimeoutError:
            return NO_ANSWER
        return self._relay.away
