"""The kit: it holds an adapter to every sentence of the ports' docstrings.

A class that derives from `StorageKit` or `EventsKit` and has `settings` is all that an adapter's tests need.
docs/adapters.md leads there.
"""

try:
    import hypothesis  # noqa: F401 - what the checks need is asked for once
    import pytest
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the kit needs its extra: install orderport[testing]") from error

pytest.register_assert_rewrite(
    "orderport.testing.judgements",
    "orderport.testing.examples",
    "orderport.testing.storage",
    "orderport.testing.events",
)

from orderport.testing.kits import EventsKit, StorageKit  # noqa: E402 - asserts are rewritten on import

__all__ = ["EventsKit", "StorageKit"]
