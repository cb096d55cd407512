"""What was sent and what came, so that a breach can be shown and repeated."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.http.answers import Answer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing (RFC 9110, 9.2.1)."""
MOST = 500
"""How many exchanges of one check are kept; the latest."""


class NotSafe(Exception):
    """A check would have sent what may change something, in a run that must not."""


@dataclass(eq=False)
class Exchange:
    """One request as it was sent, and its answer once it came."""

    url: str
    method: str
    """Empty where what was sent is no HTTP; then all of it is the `body`."""
    target: str
    headers: Sequence[bytes]
    """Whole lines: those of the check, without what the client adds by itself."""
    host: bytes | None = None
    """Where another one is named than that of the URL."""
    body: bytes = b""
    """Everything after the head, as it was sent."""
    answer: Answer | None = None


class Journal:
    """The exchanges of the check that runs, the oldest first."""

    def __init__(self) -> None:
        self.only_safe = False
        """Whether anything else than a safe method is refused before it is sent."""
        self.exchanges: deque[Exchange] = deque(maxlen=MOST)

    def begin(self, exchange: Exchange) -> Exchange:
        """Note what is about to be sent. Raises `NotSafe`."""
        if self.only_safe and exchange.method not in SAFE:
            raise NotSafe(f"{exchange.method} {exchange.target}")
        self.exchanges.append(exchange)
        return exchange


journal = Journal()
"""The one of this process: one check runs at a time."""
