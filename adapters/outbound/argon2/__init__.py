"""Passwords hashed with argon2id (RFC 9106), beside the event loop."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError, VerifyMismatchError

from core.domain.errors import Overloaded
from core.ports.passwords import Verdict

log = logging.getLogger(__name__)

# OWASP's Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
OWASP = PasswordHasher(
    time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)

MOST_KIBIBYTES = 65_536
MOST_PASSES = 10
MOST_LANES = 16
"""A stored hash that asks for more than these was not made here: to check it could take minutes and gigabytes."""

T = TypeVar("T")


class Argon2Hasher:
    """The port `PasswordHasher`: `threads` hashes at once, `queue` callers that wait for up to `seconds`.

    Within these bounds everybody who waits is served in time, also who needs two; others are turned away at once.
    """

    def __init__(
        self,
        hasher: PasswordHasher = OWASP,
        threads: int = os.cpu_count() or 1,
        queue: int = 64,
        seconds: float = 2.4,
    ) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._most = threads + queue
        self._seconds = seconds
        self._unfinished = 0
        self._dummy = hasher.hash(os.urandom(16).hex())

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        return await self._run(lambda: self._verify(password, stored))

    def close(self) -> None:
        """End the threads; a hash under way is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._unfinished >= self._most:
            raise Overloaded("passwords")
        self._unfinished += 1
        loop = asyncio.get_running_loop()
        # Those who wait stand in the pool's own line, so that a thread that is done has its next hash at hand.
        hashing = self._pool.submit(work)
        # Told by the thread, not by the caller, who may have gone while the hash is still being made.
        hashing.add_done_callback(lambda _: loop.call_soon_threadsafe(self._finish))
        hashed = asyncio.wrap_future(hashing)
        try:
            await asyncio.wait({hashed}, timeout=self._seconds)
            if hashing.cancel():  # not even begun
                raise Overloaded("passwords")
            return await hashed
        finally:
            hashing.cancel()

    def _finish(self) -> None:
        self._unfinished -= 1

    def _verify(self, password: str, stored: str | None) -> Verdict:
        if stored is not None:
            try:
                if _is_affordable(stored):
                    self._hasher.verify(stored, password)
                    return Verdict(correct=True, outdated=self._hasher.check_needs_rehash(stored))
            except VerifyMismatchError:
                return Verdict(correct=False)
            except (Argon2Error, InvalidHashError, UnicodeEncodeError):
                pass
            log.error("a stored password hash was not made by this service; its user cannot log in")
        with contextlib.suppress(VerifyMismatchError):
            self._hasher.verify(self._dummy, password)
        return Verdict(correct=False)


def _is_affordable(stored: str) -> bool:
    parameters = extract_parameters(stored)
    return (
        parameters.memory_cost <= MOST_KIBIBYTES
        and parameters.time_cost <= MOST_PASSES
        and parameters.parallelism <= MOST_LANES
    )
