"""Concurrent calls on a real server: the same as one after the other, whatever fails in between."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest
from bson import ObjectId
from pymongo import WriteConcern

from adapters.outbound.mongo import MongoSettings, MongoStorage
from adapters.outbound.mongo.mapping import from_order
from adapters.outbound.mongo.orders import MongoOrders
from core.domain.errors import Overloaded, StorageUnavailable
from core.domain.ids import Id
from core.domain.orders import MOST_ITEMS, Order
from core.ports.storage import LEASE, MOST_WAITING_BYTES, Written
from orderport.testing.examples import NOON, a_change, a_product, a_user, an_order, stored
from tests.servers import MongoServer

MANY = 250


@pytest.fixture
def settings(mongo_server: MongoServer) -> MongoSettings:
    return MongoSettings(mongo_server.uri, f"test_{token_hex(4)}", seconds=2.0)


async def test_orders_that_are_added_together_are_stored_as_each_would_be_alone(
    storage: MongoStorage, raw: Any
) -> None:
    orders = [an_order(f"status {number}") for number in range(MANY)]
    await asyncio.gather(*(storage.orders.add(one, a_change(one), "me") for one in orders))
    found = {document["_id"]: document async for document in raw.orders.find()}
    assert found == {
        ObjectId(one.id): from_order(one, a_change(one), "me", NOON + LEASE) for one in orders
    }
    assert await asyncio.gather(*(storage.orders.get(one.id) for one in orders)) == orders


async def test_each_reader_among_many_gets_what_it_asked_for(storage: MongoStorage) -> None:
    users, products = [a_user() for _ in range(30)], [a_product() for _ in range(30)]
    await asyncio.gather(*(storage.users.add(user) for user in users))
    await asyncio.gather(*(storage.products.add(product) for product in products))
    absent = [storage.users.get(a_user().id), storage.products.get(a_product().id)]
    assert await asyncio.gather(
        *(storage.users.get(user.id) for user in users),
        *(storage.products.get(product.id) for product in products),
        *(storage.users.get(user.id) for user in users),
        *absent,
    ) == [*users, *products, *users, None, None]


async def test_of_orders_added_together_only_the_one_that_fails_is_not_known(
    storage: MongoStorage,
) -> None:
    there, new = [an_order() for _ in range(3)], [an_order("other") for _ in range(40)]
    for one in there:
        await storage.orders.add(one, a_change(one), "me")
    mixed = [*new[:20], *(replace(one, status="again") for one in there), *new[20:]]
    answers = await asyncio.gather(
        *(storage.orders.add(one, a_change(one), "me") for one in mixed), return_exceptions=True
    )
    failed = [one.id for one, answer in zip(mixed, answers, strict=True) if answer]
    assert failed == [one.id for one in there]
    assert {type(answer) for answer in answers if answer} == {StorageUnavailable}
    assert await asyncio.gather(*(storage.orders.get(one.id) for one in there + new)) == there + new


async def test_without_the_majority_nothing_is_known_of_any_of_them(raw: Any) -> None:
    more_than_there_are = WriteConcern(w=2, wtimeout=100)
    orders = MongoOrders(raw.orders.with_options(write_concern=more_than_there_are), 3.0)
    new = [an_order() for _ in range(20)]
    for _ in range(2):  # the second time each of them is a duplicate too
        answers = await asyncio.gather(
            *(orders.add(one, a_change(one), "me") for one in new), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {StorageUnavailable}
    changed = await asyncio.gather(
        *(orders.replace(one, a_change(one), "me") for one in new), return_exceptions=True
    )
    assert {type(answer) for answer in changed} == {StorageUnavailable}


async def test_a_lost_connection_leaves_each_order_whole_or_absent(
    mongo_server: MongoServer, settings: MongoSettings, raw: Any
) -> None:
    new = [an_order() for _ in range(MANY)]
    (node,) = mongo_server.processes
    async with settings.open() as storage:
        old = [await stored(storage, "me") for _ in range(20)]
        calls = [storage.orders.add(one, a_change(one), "me") for one in new]
        calls += [change(storage, one) for one in old]
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        node.kill()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(node.start)
    assert {type(answer) for answer in answers} <= {type(None), StorageUnavailable}
    assert StorageUnavailable in {type(answer) for answer in answers}
    found = {str(document["_id"]): document async for document in raw.orders.find()}
    for one, answer in zip([*new, *old], answers, strict=True):
        document = found.get(one.id)
        assert document or answer
        if document:
            waiting = [event["version"] for event in document["pending"]]
            assert waiting == list(range(1, document["version"] + 1))


async def change(storage: MongoStorage, order: Order) -> None:
    assert await storage.orders.replace(order, a_change(order), "me")


async def test_a_stop_leaves_no_task_and_tells_everybody(
    mongo_server: MongoServer, settings: MongoSettings
) -> None:
    before = asyncio.all_tasks()
    new = [an_order() for _ in range(MANY)]
    (node,) = mongo_server.processes
    async with settings.open() as storage:
        await storage.check()
        node.pause()
        try:
            calls = [storage.orders.add(one, a_change(one), "me") for one in new]
            calls += [change(storage, one) for one in new]
            tasks = [asyncio.ensure_future(call) for call in calls]
            await asyncio.sleep(0)
            await storage.close()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            node.resume()
    assert {type(answer) for answer in answers} == {StorageUnavailable}
    assert asyncio.all_tasks() <= before


async def test_changes_from_two_processes_make_a_version_and_an_event_each_without_a_gap(
    settings: MongoSettings, storage: MongoStorage, raw: Any
) -> None:
    orders = [await stored(storage, "me") for _ in range(7)]
    async with settings.open() as other:
        changes = [replace(orders[n % 7], status=f"status {n}") for n in range(2 * MANY)]
        written = await asyncio.gather(
            *(
                (storage, other)[number % 2].orders.replace(
                    one, a_change(one), f"process {number % 2}"
                )
                for number, one in enumerate(changes)
            )
        )
    for order in orders:
        document = await raw.orders.find_one({"_id": ObjectId(order.id)})
        versions = list(range(1, document["version"] + 1))
        assert [event["version"] for event in document["pending"]] == versions
        values = {event["version"]: event["value"] for event in document["pending"]}
        answered = {
            answer.version: one.to_json()
            for answer, one in zip(written, changes, strict=True)
            if answer and one.id == order.id
        }
        assert answered == {version: values[version] for version in versions[1:]}
        last = await storage.orders.get(order.id)
        assert last is not None
        assert last.to_json() == answered[document["version"]]


async def test_each_change_is_told_truly_whether_it_took_the_lease_while_marks_go_on(
    settings: MongoSettings, storage: MongoStorage, raw: Any
) -> None:
    orders = [await stored(storage, "me") for _ in range(10)]
    told: dict[tuple[str, int], int | None] = {}
    seen: dict[tuple[str, int], tuple[str, int]] = {}

    async def write(here: MongoStorage, who: str) -> None:
        for _ in range(15):
            answers = await asyncio.gather(
                *(here.orders.replace(one, a_change(one), who) for one in orders)
            )
            for one, answer in zip(orders, answers, strict=True):
                assert answer
                told[one.id, answer.version] = answer.leased_from
                lease_of[one.id, answer.version] = who

    async def mark() -> None:
        while True:
            delivered: dict[Id, int] = {}
            async for document in raw.orders.find({}, {"pending": 1}):
                for event in document["pending"]:
                    seen[str(document["_id"]), event["version"]] = event["who"], event["from"]
                if document["pending"]:
                    delivered[Id(str(document["_id"]))] = document["pending"][-1]["version"]
            await storage.outbox.mark(delivered)

    lease_of: dict[tuple[str, int], str] = {}
    async with settings.open() as other:
        marking = asyncio.create_task(mark())
        await asyncio.gather(write(storage, "one"), write(other, "other"))
        marking.cancel()
        await asyncio.wait({marking})
    async for document in raw.orders.find({}, {"pending": 1}):
        for event in document["pending"]:
            seen[str(document["_id"]), event["version"]] = event["who"], event["from"]
    assert told.keys() <= seen.keys()
    takers = {key for key, leased_from in told.items() if leased_from == key[1]}
    assert takers == {key for key in told if seen[key] == (lease_of[key], key[1])}
    assert takers


async def test_an_order_that_is_absent_or_full_stops_no_other(storage: MongoStorage) -> None:
    full, absent = an_order(items=MOST_ITEMS), an_order()
    fitting = [await stored(storage, "me") for _ in range(5)]
    await storage.orders.add(full, a_change(full), "me")
    for _ in range(-(-MOST_WAITING_BYTES // len(full.to_json())) - 1):
        await storage.orders.replace(full, a_change(full), "me")
    for _ in range(2):
        answers: Sequence[Written | BaseException | None] = await asyncio.gather(
            *(
                storage.orders.replace(one, a_change(one), "me")
                for one in [*fitting[:2], full, absent, *fitting[2:]]
            ),
            return_exceptions=True,
        )
        assert isinstance(answers[2], Overloaded)
        assert answers[3] is None
        assert all(isinstance(answers[place], Written) for place in (0, 1, 4, 5, 6))
