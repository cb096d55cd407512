"""Kafka: events leave behind the answer, many at a time, and are marked together."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from bson import ObjectId

from benchmarks.peers.limit.storage import Document, Storage

MOST = 500
LEFT_BEHIND = timedelta(seconds=10)
FIXED = [
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/orderport"),
    ("ce_sequencetype", b"Integer"),
    ("content-type", b"application/json"),
]


class Events:
    """Of one order one event at a time; a failed one is sent again before any other of its order."""

    def __init__(self, topic: str, producer: AIOKafkaProducer, storage: Storage) -> None:
        self._topic = topic
        self._producer = producer
        self._storage = storage
        self._waiting: dict[ObjectId, list[Document]] = {}
        self._flying: set[ObjectId] = set()
        self._task: asyncio.Task[None] | None = None

    def offer(self, order_id: ObjectId, event: Document) -> None:
        """Take what is stored."""
        self._waiting.setdefault(order_id, []).append(event)
        if self._task is None:
            self._task = asyncio.create_task(self._fly())

    async def take_up(self) -> None:
        """Send, once a second, what an earlier process left behind."""
        while True:
            old = {"pending.time": {"$lt": datetime.now(UTC) - LEFT_BEHIND}}
            async for order in self._storage.orders.collection.find(old, {"pending": 1}).limit(100):
                if order["_id"] not in self._waiting:
                    for event in order["pending"]:
                        self.offer(order["_id"], event)
            await asyncio.sleep(1)

    async def _fly(self) -> None:
        while self._waiting:
            batch = {
                order_id: self._waiting[order_id][0] for order_id in list(self._waiting)[:MOST]
            }
            try:
                sent = [
                    await self._producer.send(
                        self._topic,
                        event["value"],
                        key=str(order_id).encode(),
                        headers=_headers(str(order_id), event),
                    )
                    for order_id, event in batch.items()
                ]
                await asyncio.gather(*sent)
            except Exception:  # noqa: BLE001 - whatever it was, the same bytes again
                await asyncio.sleep(0.1)
                continue
            delivered: dict[int, list[ObjectId]] = defaultdict(list)
            for order_id, event in batch.items():
                delivered[event["version"]].append(order_id)
                self._waiting[order_id].pop(0)
                if not self._waiting[order_id]:
                    del self._waiting[order_id]
            await self._storage.orders.mark(delivered)
        self._task = None


def _headers(order_id: str, event: Document) -> list[tuple[str, Any]]:
    time = event["time"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [
        *FIXED,
        ("ce_id", f"{order_id}-{event['version']:010d}".encode()),
        ("ce_type", event["type"].encode()),
        ("ce_subject", order_id.encode()),
        ("ce_time", time.encode()),
        ("ce_sequence", f"{event['version']:010d}".encode()),
    ]
