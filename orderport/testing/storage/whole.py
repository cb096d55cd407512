"""The port `Storage`: what carries the others."""

import time

import pytest

from orderport import Backlog, Orders, Outbox, Products, Storage, StorageUnavailable, Users
from orderport.testing.examples import LATER, claim, stored
from orderport.testing.judgements import assert_tells_why
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks

PREPARING_SECONDS = 10.0


def methods_of(port: type[object]) -> set[str]:
    """Give the names that a port declares."""
    return {name for name in vars(port) if not name.startswith("_")}


class WholeChecks(StorageChecks):
    """The port `Storage`."""

    @pytest.mark.parametrize(
        ("name", "port"),
        [
            ("users", Users),
            ("products", Products),
            ("orders", Orders),
            ("outbox", Outbox),
            ("backlog", Backlog),
        ],
    )
    @promise(
        "What the core needs to keep: one object that carries every storage port.",
        "Everything that is kept, opened as one.",
        *("The users.", "The products.", "The orders.", "The events that wait."),
        "The orders as operators look at them.",
        "Products.",
        "The orders, as operators look at them and mend them.",
        "What operators need of the orders: what waits, what is set aside, and what each order last was.",
    )
    async def test_the_storage_carries_every_port_with_every_method(
        self, storage: Storage, name: str, port: type[object]
    ) -> None:
        carried = getattr(storage, name)
        assert {
            method for method in methods_of(port) if not callable(getattr(carried, method, None))
        } == set()

    @promise(
        "Make whatever has to be there before anything is stored, indexes say, within 10 s; harmless when repeated."
    )
    async def test_preparing_once_more_changes_nothing(self, storage: Storage) -> None:
        order = await stored(storage, "me")
        began = time.monotonic()
        await storage.prepare()
        assert time.monotonic() - began < PREPARING_SECONDS
        await storage.prepare()
        assert await storage.orders.get(order.id) == order
        assert await claim(storage, "me", LATER, order) == {order.id: [1]}

    @promise("Raise `StorageUnavailable` where storage cannot serve now...")
    async def test_the_check_says_nothing_where_storage_serves(self, storage: Storage) -> None:
        await storage.check()

    @promise(
        "Raise `StorageUnavailable` where storage cannot serve now; the message names no host."
    )
    async def test_the_check_says_why_storage_cannot_serve(self, absent: Storage) -> None:
        with pytest.raises(StorageUnavailable) as error:
            await absent.check()
        assert_tells_why(error.value)

    @promise(
        "Make whatever has to be there ... within 10 s...",
        "Raises `StorageUnavailable` with a reason for whoever starts the service.",
    )
    async def test_preparing_says_in_time_why_storage_cannot_serve(self, absent: Storage) -> None:
        began = time.monotonic()
        with pytest.raises(StorageUnavailable) as error:
            await absent.prepare()
        assert time.monotonic() - began < PREPARING_SECONDS
        assert str(error.value)
