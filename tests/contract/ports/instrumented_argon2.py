"""argon2 that counts its work, and can be held up in the middle of it."""

import asyncio
import threading
from typing import Any

import argon2
from argon2 import extract_parameters

PATIENCE_SECONDS = 10.0


class InstrumentedArgon2(argon2.PasswordHasher):
    """It is as cheap as argon2 can be, and calls wait for `go_on` where it is cleared.

    `calls` names every call; `costs` are memory, passes and lanes of what was verified; `hashed` counts how many
    hashes were worked out in verifying.
    """

    def __init__(self, passes: int = 1) -> None:
        super().__init__(time_cost=passes, memory_cost=8, parallelism=1)
        self.calls: list[str] = []
        self.costs: set[tuple[int, int, int]] = set()
        self.hashed = 0
        self.most_at_once = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self._at_once = 0
        self._changed = threading.Condition()

    def hash(self, *arguments: Any, **named: Any) -> str:
        self._begin("hash")
        try:
            return super().hash(*arguments, **named)
        finally:
            self._end()

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self._begin("verify")
        try:
            parameters = extract_parameters(str(hash))
            self.costs.add((parameters.memory_cost, parameters.time_cost, parameters.parallelism))
            correct = super().verify(hash, password)
        except argon2.exceptions.VerifyMismatchError:
            self.hashed += 1
            raise
        finally:
            self._end()
        self.hashed += 1
        return correct

    async def under_way(self, calls: int = 1) -> None:
        """Return once so many calls are in the middle of their work."""
        await asyncio.to_thread(self._await, calls)

    def _await(self, calls: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._at_once >= calls, PATIENCE_SECONDS)

    def _begin(self, call: str) -> None:
        with self._changed:
            self.calls.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self._changed.notify_all()
        assert self.go_on.wait(PATIENCE_SECONDS)

    def _end(self) -> None:
        with self._changed:
            self._at_once -= 1
