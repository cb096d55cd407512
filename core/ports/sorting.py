"""What the core needs to put more into order than fits into memory."""

from collections.abc import Iterable, Iterator
from typing import Protocol

Row = tuple[str, int, int, bytes]
"""Three keys to sort by, in this order, and what goes with them."""


class Sorter(Protocol):
    """Takes rows and gives them sorted, in bounded memory, however many they are."""

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows."""
        ...

    def in_order(self) -> Iterator[Row]:
        """Give all that was added, sorted by the keys; nothing may be added from then on."""
        ...
