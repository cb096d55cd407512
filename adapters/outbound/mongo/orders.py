"""Orders in MongoDB, and the events that wait inside their documents."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import Decimal128, ObjectId
from pymongo import ReturnDocument, UpdateMany
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from adapters.outbound.mongo.documents import (
    ORDER_FIELDS,
    SCHEMA,
    Document,
    from_order,
    to_event,
    to_order,
)
from adapters.outbound.mongo.errors import translated
from adapters.outbound.mongo.users import unknown_outcome
from core.domain.errors import Overloaded
from core.domain.events import Change, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.storage import (
    FARTHEST_LEASE,
    LEASE,
    MOST_CLAIMED_EVENTS,
    MOST_WAITING_BYTES,
    Claimed,
    Written,
)

_HAS_ROOM = {
    "$expr": {
        "$lt": [
            {"$sum": {"$map": {"input": "$pending", "in": {"$binarySize": "$$this.value"}}}},
            MOST_WAITING_BYTES,
        ]
    }
}


class MongoOrders:
    """The port `Orders`."""

    def __init__(self, orders: AsyncCollection[Document]) -> None:
        self._orders = orders

    async def add(self, order: Order, change: Change, who: str) -> None:
        with translated():
            try:
                await self._orders.insert_one(from_order(order, change, who, change.time + LEASE))
            except DuplicateKeyError as error:
                raise unknown_outcome() from error

    async def get(self, order_id: Id) -> Order | None:
        with translated():
            document = await self._orders.find_one({"_id": ObjectId(order_id)}, ORDER_FIELDS)
        return None if document is None else to_order(document)

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        this = {"_id": ObjectId(order.id)}
        with translated():
            document = await self._orders.find_one_and_update(
                this | _HAS_ROOM,
                _replacement(order, change, who),
                projection={
                    "version": 1,
                    "who": {"$last": "$pending.who"},
                    "from": {"$last": "$pending.from"},
                },
                return_document=ReturnDocument.AFTER,
            )
            if document is None:
                if await self._orders.find_one(this, {"_id": 1}):
                    raise Overloaded("this order")
                return None
        mine = document.get("who") == who
        return Written(document["version"], document["from"] if mine else None)


def _replacement(order: Order, change: Change, who: str) -> Sequence[Mapping[str, Any]]:
    """Give the update in which the server counts the version, appends the event and decides who has the lease.

    Values are literals, since the server would read a text that begins with `$` as the name of a field.
    """
    next_version = {"$add": ["$version", 1]}
    last = {"type": change.type.value, "time": change.time, "traceparent": change.traceparent}
    nothing_waits = {"$eq": ["$pending", []]}
    event = {
        "version": next_version,
        **{name: {"$literal": value} for name, value in last.items()},
        "value": {"$literal": change.value},
        # Of an order that is set aside no entry has a lease; then these are left out of this one, too.
        "who": {"$cond": [nothing_waits, {"$literal": who}, {"$first": "$pending.who"}]},
        "from": {"$cond": [nothing_waits, next_version, {"$first": "$pending.from"}]},
        "until": {"$cond": [nothing_waits, change.time + LEASE, {"$first": "$pending.until"}]},
    }
    items = [
        {"product_id": ObjectId(item.product_id), "quantity": item.quantity} for item in order.items
    ]
    return [
        {
            "$set": {
                "schema": SCHEMA,
                "version": next_version,
                "customer_id": ObjectId(order.customer_id),
                "price": Decimal128(order.price),
                "items": {"$literal": items},
                "status": {"$literal": order.status},
                "last": {"$literal": last},
                "pending": {"$concatArrays": ["$pending", [event]]},
            }
        }
    ]


class MongoOutbox:
    """The port `Outbox`."""

    def __init__(self, orders: AsyncCollection[Document]) -> None:
        self._orders = orders

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        with translated():
            found = self._orders.find(_due(now), {"_id": 1}).sort("pending.until", 1).limit(most)
            ids = [document["_id"] async for document in found]
            return await self._claim_each(ids, _due(now), who, now)

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        claimable = {"$or": [*_due(now)["$or"], {"pending.who": who}]}
        with translated():
            ids = [ObjectId(order_id) for order_id in order_ids]
            return await self._claim_each(ids, claimable, who, now)

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        if not delivered:
            return set()
        by_version: dict[int, list[ObjectId]] = defaultdict(list)
        for order_id, version in delivered.items():
            by_version[version].append(ObjectId(order_id))
        pulls: list[UpdateMany] = [
            UpdateMany(
                {"_id": {"$in": ids}}, {"$pull": {"pending": {"version": {"$lte": version}}}}
            )
            for version, ids in by_version.items()
        ]
        this = {"_id": {"$in": [order_id for ids in by_version.values() for order_id in ids]}}
        unfinished = {"$or": [{"pending.0": {"$exists": True}}, {"failed": {"$exists": True}}]}
        with translated():
            await self._orders.bulk_write(pulls, ordered=False)
            found = self._orders.find(
                this | unfinished, {"failed.version": 1, "waits": {"$first": "$pending.version"}}
            )
            left = [document async for document in found]
            for document in left:
                version = delivered[Id(str(document["_id"]))]
                if "failed" in document and document["failed"]["version"] <= version:
                    await self._take_up_again(document["_id"], version)
        return {Id(str(document["_id"])) for document in left if "waits" in document}

    async def fail(
        self, who: str, event: OrderEvent, reason: str, at: datetime, tries: int
    ) -> bool:
        failed = {"version": event.version, "reason": reason, "at": at, "tries": tries}
        with translated():
            result = await self._orders.update_one(
                {
                    "_id": ObjectId(event.order_id),
                    "pending.0.version": event.version,
                    "pending.0.who": who,
                },
                {
                    "$set": {"failed": failed},
                    "$unset": {f"pending.$[].{name}": "" for name in ("who", "from", "until")},
                },
            )
        return result.modified_count == 1

    async def give_up(self, who: str, now: datetime) -> None:
        with translated():
            await self._orders.update_many(
                {"pending.until": {"$gt": now}, "pending.who": who},
                {"$set": {"pending.$[].until": now}},
            )

    async def _claim_each(
        self, ids: Sequence[ObjectId], claimable: Document, who: str, now: datetime
    ) -> Sequence[Claimed]:
        lease = {"pending.$[].who": who, "pending.$[].until": now + LEASE}
        claimed = await asyncio.gather(
            *(
                self._orders.find_one_and_update(
                    {"_id": order_id} | claimable,
                    {"$set": lease},
                    projection={"pending": {"$slice": MOST_CLAIMED_EVENTS}},
                    return_document=ReturnDocument.AFTER,
                )
                for order_id in ids
            )
        )
        return [_claimed(document) for document in claimed if document is not None]

    async def _take_up_again(self, order_id: ObjectId, version: int) -> None:
        """Put what waits behind a failure that was delivered after all where the scan finds it."""
        await self._orders.update_one(
            {"_id": order_id, "failed.version": {"$lte": version}},
            taken_up_again(datetime.fromtimestamp(0).astimezone()),
        )


def taken_up_again(until: datetime) -> Sequence[Document]:
    """Give the update after which an order is no longer set aside, and what waits has a lease of nobody until then."""
    lease = {"who": "", "from": {"$first": "$pending.version"}, "until": until}
    entries = {"$map": {"input": "$pending", "in": {"$mergeObjects": ["$$this", lease]}}}
    return [{"$set": {"pending": entries}}, {"$unset": "failed"}]


def _due(now: datetime) -> Document:
    """Ask for leases that are past, or end so late that a wrong clock set them; an order set aside has none."""
    return {
        "$or": [
            {"pending.until": {"$lte": now}},
            {"pending.until": {"$gt": now + FARTHEST_LEASE}},
        ]
    }


def _claimed(document: Document) -> Claimed:
    order_id = Id(str(document["_id"]))
    return Claimed(order_id, tuple(to_event(order_id, pending) for pending in document["pending"]))
