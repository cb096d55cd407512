"""Lets a command be cancelled, as every deadline does, without harm to the others: a remedy for Python 3.11.

PyMongo waits for a server, or for a connection, on a condition, through `asyncio.wait_for`. Until Python 3.12 that is
a task of its own; who is cancelled while it takes the condition's lock back leaves without the lock, and the task
then keeps it. From then on no command of this client ends.
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

from pymongo import lock

T = TypeVar("T")


async def _wait_for(work: Awaitable[T], seconds: float | None) -> T:
    """Do what `asyncio.wait_for` does since Python 3.12: wait in the caller's own task."""
    async with asyncio.timeout(seconds):
        return await work


def mend() -> None:
    """Have the driver wait in that way; tests/outbound/test_mongo.py guards the name."""
    if sys.version_info < (3, 12):
        lock.wait_for = _wait_for  # type: ignore[assignment, attr-defined] # which it imports for itself
