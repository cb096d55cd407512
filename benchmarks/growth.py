"""Growth: the same with a thousand orders and with a million, and with many events that wait."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from statistics import median
from time import monotonic
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.collection import Collection

from benchmarks.contenders import Contender
from benchmarks.operations import OPERATIONS, Operation
from benchmarks.report import Json, say
from benchmarks.rounds import run_round

OPERATIONS_HERE = ("GET /orders/:id", "PUT /orders/update", "POST /orders/new")
"""Last the one that stores more."""
AT_ONCE = 10_000
WAITING = 100_000


def measure_growth(contender: Contender, sizes: Sequence[int], rounds: int, seconds: float) -> Json:
    """Measure at each size, and how long a start takes; then with events that wait, while the broker is away."""
    results: Json = {"sizes": {}, "start_seconds": {"empty": _start_seconds(contender)}}
    for size in sizes:
        fill(contender, size)
        results["sizes"][size] = _rates(contender, rounds, seconds)
        _print(f"{size:,} orders stored", results["sizes"][size])
    results["start_seconds"]["full"] = _start_seconds(contender)
    starts = results["start_seconds"]
    say("", f"A start takes {starts['empty']:.2f} s when empty, {starts['full']:.2f} s when full")
    with _broker_away(contender):
        results["away"] = _rates(contender, rounds, seconds, events=False)
        _print("the broker away", results["away"])
        fill(contender, sizes[-1], waiting=WAITING)
        results["waiting"] = _rates(contender, rounds, seconds, events=False)
        _print(f"the broker away, and {WAITING:,} events more that wait", results["waiting"])
    return results


def fill(contender: Contender, size: int, waiting: int = 0) -> None:
    """Copy an order, or delete the latest, until so many are stored; or copy one for each event that is to wait."""
    with MongoClient[dict[str, Any]](contender.mongo.uri, tz_aware=True) as client:
        orders = client[contender.database]["orders"]
        pattern = orders.find_one({"pending.0": {"$exists": waiting > 0}}, sort=[("_id", -1)])
        if pattern is None:
            raise AssertionError("there is no order to copy")
        missing = waiting or size - orders.estimated_document_count()
        if missing < 0:
            latest = orders.find({}, {"_id": 1}).sort("_id", -1)
            (first,) = latest.skip(-missing - 1).limit(1)
            orders.delete_many({"_id": {"$gte": first["_id"]}})
        _copy(orders, pattern, missing)


def _copy(orders: Collection[dict[str, Any]], pattern: dict[str, Any], count: int) -> None:
    for begun in range(0, count, AT_ONCE):
        most = min(AT_ONCE, count - begun)
        orders.insert_many([pattern | {"_id": ObjectId()} for _ in range(most)], ordered=False)


def _rates(contender: Contender, rounds: int, seconds: float, *, events: bool = True) -> Json:
    operations = [
        replace(OPERATIONS[name], requests=partial(_some, OPERATIONS[name]))
        for name in OPERATIONS_HERE
    ]
    return {
        operation.name: median(
            run_round(contender, operation, seconds, events=events).rate for _ in range(rounds)
        )
        for operation in operations
    }


def _some(operation: Operation, contender: Contender) -> Sequence[str]:
    """As many orders at every size: the framework remembers the routes of about a thousand paths."""
    return operation.requests(contender)[:1_000]


def _print(title: str, rates: Json) -> None:
    say("", title)
    say(*(f"  {name:<20}{rate:>10,.0f} req/s" for name, rate in rates.items()))


def _start_seconds(contender: Contender) -> float:
    contender.stop()
    begun = monotonic()
    contender.start()
    return monotonic() - begun


@contextmanager
def _broker_away(contender: Contender) -> Iterator[None]:
    contender.kafka.pause()
    try:
        yield
    finally:
        contender.kafka.resume()
