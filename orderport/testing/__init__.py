"""The kit: it holds an adapter to every sentence of the ports' docstrings.

A class that derives from `StorageKit` or `EventsKit` and has `settings` is all that an adapter's tests need.
docs/adapters.md leads there.
"""

import pytest

pytest.register_assert_rewrite(
    "orderport.testing.judgements",
    "orderport.testing.examples",
    "orderport.testing.storage",
    "orderport.testing.events",
)

from orderport.testing.kits import EventsKit, StorageKit  # noqa: E402 - asserts are rewritten on import

__all__ = ["EventsKit", "StorageKit"]
