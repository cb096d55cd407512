"""Latencies: of one caller that is alone, and from the change to the topic."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import uvloop
from bson import ObjectId
from confluent_kafka import Consumer, TopicPartition
from pymongo import AsyncMongoClient, WriteConcern

from benchmarks.contenders import PARTITIONS, Contender
from benchmarks.load import Clients, load
from benchmarks.operations import place_orders
from benchmarks.report import Json, say

CONNECTIONS = 64


def measure_alone(contenders: Mapping[str, Contender], rounds: int, seconds: float) -> Json:
    """Place orders on one connection, beside a bare `insert_one` of the same document, acknowledged alike."""
    p50s: dict[str, list[float]] = {name: [] for name in (*contenders, "insert_one")}
    for _ in range(rounds):
        for contender in contenders.values():
            counted = load(contender.url, place_orders(contender), seconds, Clients(connections=1))
            contender.await_events(counted.requests)
            p50s[contender.name].append(1000 * counted.p50)
        p50s["insert_one"].append(1000 * uvloop.run(_insert(contenders["orderport"], seconds)))
    ratio = median(
        our / bare for our, bare in zip(p50s["orderport"], p50s["insert_one"], strict=True)
    )
    say("", "POST /orders/new on one connection, p50 in ms")
    say(*(f"  {name:<12}{median(values):8.2f}" for name, values in p50s.items()))
    say(f"  orderport : insert_one = {ratio:.2f}")
    return {"p50_ms": p50s, "of_insert_one": ratio}


async def _insert(contender: Contender, seconds: float) -> float:
    async with AsyncMongoClient[dict[str, Any]](contender.mongo.uri, timeoutMS=5_000) as client:
        database = client[contender.database]
        document = await database["orders"].find_one()
        if document is None:
            raise AssertionError("there is no order to copy")
        durable = WriteConcern(w="majority", j=True)
        copies = database.get_collection("copies", write_concern=durable)
        took: list[float] = []
        ending = perf_counter() + seconds
        while perf_counter() < ending:
            begun = perf_counter()
            await copies.insert_one(document | {"_id": ObjectId()})
            took.append(perf_counter() - begun)
        await copies.drop()
    return median(took)


def measure_delivery(contender: Contender, seconds: float) -> Json | None:
    """Place orders at half of the rate that saturates; compare each event's time with the broker's own."""
    if contender.kafka.kind != "apache":
        say("", "From the change to the topic: not measured, the mock cluster tells no time")
        return None
    requests = place_orders(contender)
    most = load(contender.url, requests, seconds)
    contender.await_events(most.requests)
    begin = _ends(contender)
    pause = CONNECTIONS / (most.rate / 2)  # then all connections together come to half of the rate
    counted = load(contender.url, requests, seconds, Clients(CONNECTIONS, pause))
    contender.await_events(counted.requests)
    lags = _lags(contender, begin, counted.requests)
    p50, p99 = median(lags), quantiles(lags, n=100)[98]
    share = counted.rate / most.rate
    say(
        "",
        f"From the change to the topic, at {counted.rate:,.0f} orders a second, {share:.0%} of the most",
    )
    say(f"  p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return {"rate": counted.rate, "most": most.rate, "p50_ms": p50, "p99_ms": p99}


def _consumer(contender: Contender) -> Consumer:
    settings = {"bootstrap.servers": contender.kafka.bootstrap_servers, "group.id": token_hex(4)}
    return Consumer(settings)


def _ends(contender: Contender) -> Sequence[int]:
    consumer = _consumer(contender)
    try:
        return [
            consumer.get_watermark_offsets(TopicPartition(contender.topic, number))[1]
            for number in range(PARTITIONS)
        ]
    finally:
        consumer.close()


def _lags(contender: Contender, begin: Sequence[int], count: int) -> Sequence[float]:
    """Give by how many milliseconds the broker's append came after the change, of each event."""
    consumer = _consumer(contender)
    lags: list[float] = []
    try:
        consumer.assign(
            [TopicPartition(contender.topic, number, offset) for number, offset in enumerate(begin)]
        )
        while len(lags) < count:
            for message in consumer.consume(1_000, timeout=10):
                headers: Any = dict(message.headers() or [])
                changed = datetime.fromisoformat(headers["ce_time"].decode()).timestamp()
                lags.append(message.timestamp()[1] - 1000 * changed)
    finally:
        consumer.close()
    return lags
