"""What exists is remembered, within bounds of number and time."""

from time import monotonic
from typing import Any

import pytest
from bson import ObjectId

from adapters.outbound.mongo import MongoStorage, known
from orderport.testing.examples import a_product, a_user, an_order


async def test_what_exists_is_asked_for_once_and_what_does_not_each_time(
    storage: MongoStorage, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = monotonic()
    monkeypatch.setattr(known, "monotonic", lambda: now)
    user, product, late = a_user(), a_product(), a_product()
    await storage.users.add(user)
    await storage.products.add(product)
    assert await storage.users.exists(user.id)
    assert await storage.products.missing([product.id, late.id]) == {late.id}
    await storage.products.add(late)
    assert await storage.products.missing([product.id, late.id]) == set()

    await raw.users.delete_one({"_id": ObjectId(user.id)})  # as a restored database would have it
    now += known.HALF_SECONDS
    assert await storage.users.exists(user.id)
    now += known.HALF_SECONDS
    assert not await storage.users.exists(user.id)


def test_no_more_is_remembered_than_may_be_and_none_of_it_for_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(known, "MOST_IDS", 10)
    monkeypatch.setattr(known, "monotonic", lambda: now)
    ids = known.KnownIds()
    names = [an_order().id for _ in range(40)]
    for number, name in enumerate(names):
        now = 1_000.0 + number
        ids.add([name], now)
        remembered = set(names[: number + 1]) - ids.unknown(names[: number + 1])
        assert name in remembered
        assert len(remembered) <= 10
    now += known.LONGEST_SECONDS - 1
    assert ids.unknown(names) == set(names)


def test_an_answer_that_came_late_is_as_old_as_its_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(known, "monotonic", lambda: now)
    ids = known.KnownIds()
    now += known.HALF_SECONDS
    ids.add([an_order().id], 1_000.0)
    name = an_order().id
    ids.add([name], 1_000.0)
    assert ids.unknown([name]) == {name}
