"""The events that wait inside the orders' documents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument, UpdateMany
from pymongo.asynchronous.collection import AsyncCollection

from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.errors import translated
from adapters.outbound.mongo.mapping import to_event
from core.domain.events import OrderEvent
from core.domain.ids import Id
from core.ports.storage import FARTHEST_LEASE, LEASE, MOST_CLAIMED_EVENTS, Claimed

LEASE_FIELDS = ("who", "from", "until", "claim")
_UNFINISHED = {"$or": [{"pending.0": {"$exists": True}}, {"failed": {"$exists": True}}]}
MOST_CLAIMED_BYTES = 65_536
"""Of one order, one event at least: many orders are claimed at once, and each may have 4 MiB that wait."""
_OLDEST = {"$slice": ["$pending", MOST_CLAIMED_EVENTS]}
_SIZES = {"$map": {"input": _OLDEST, "in": {"$binarySize": "$$this.value"}}}
_LARGEST = {"$max": [1, {"$max": _SIZES}]}
_MOST = {"$max": [1, {"$floor": {"$divide": [MOST_CLAIMED_BYTES, _LARGEST]}}]}
_BROUGHT = {"pending": {"$slice": [_OLDEST, _MOST]}}
_LEFT = {"failed.version": 1, "waits": {"$first": "$pending.version"}}


class MongoOutbox:
    """The port `Outbox`."""

    def __init__(self, orders: AsyncCollection[Document]) -> None:
        self._orders = orders

    async def claim_due(self, who: str, now: datetime, most: int) -> Sequence[Claimed]:
        with translated():
            found = self._orders.find(_due(now), {"_id": 1}).sort("pending.until", 1).limit(most)
            ids = [document["_id"] async for document in found]
            return await self._claim(ids, _due(now), who, now) if ids else []

    async def claim(self, who: str, now: datetime, order_ids: Collection[Id]) -> Sequence[Claimed]:
        claimable = {"$or": [*_due(now)["$or"], {"pending.who": who}]}
        with translated():
            ids = [ObjectId(order_id) for order_id in order_ids]
            return await self._claim(ids, claimable, who, now) if ids else []

    async def mark(self, delivered: Mapping[Id, int]) -> set[Id]:
        if not delivered:
            return set()
        with translated():
            left = await self._pull(delivered)
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
                    "$unset": {f"pending.$[].{name}": "" for name in LEASE_FIELDS},
                },
            )
        return result.modified_count == 1

    async def give_up(self, who: str, now: datetime) -> None:
        with translated():
            await self._orders.update_many(
                {"pending.until": {"$gt": now}, "pending.who": who},
                {"$set": {"pending.$[].until": now}},
            )

    async def _pull(self, delivered: Mapping[Id, int]) -> Sequence[Document]:
        """Remove these events, and give what is _LEFT of every order of which anything is, maybe of others too."""
        by_version: dict[int, list[ObjectId]] = defaultdict(list)
        for order_id, version in delivered.items():
            by_version[version].append(ObjectId(order_id))
        if len(delivered) == 1:
            ((version, (this,)),) = by_version.items()
            document = await self._orders.find_one_and_update(
                {"_id": this}, _up_to(version), _LEFT, return_document=ReturnDocument.AFTER
            )
            return [] if document is None else [document]
        pulls: list[UpdateMany] = [
            UpdateMany({"_id": {"$in": ids}}, _up_to(version))
            for version, ids in by_version.items()
        ]
        await self._orders.bulk_write(pulls, ordered=False)
        these = {"_id": {"$in": [order_id for ids in by_version.values() for order_id in ids]}}
        return await self._orders.find(these | _UNFINISHED, _LEFT).to_list(None)

    async def _claim(
        self, ids: Sequence[ObjectId], claimable: Document, who: str, now: datetime
    ) -> Sequence[Claimed]:
        """Claim in one command, and take what it was acknowledged for: the events that bear its mark.

        One that was appended since bears none: it was merely read, and might be taken back (rule 1).
        """
        mark = ObjectId()
        lease = {"who": who, "until": now + LEASE, "claim": mark}
        claim = {"$set": {f"pending.$[].{name}": value for name, value in lease.items()}}
        if len(ids) == 1:
            document = await self._orders.find_one_and_update(
                {"_id": ids[0]} | claimable, claim, _BROUGHT, return_document=ReturnDocument.AFTER
            )
            return [] if document is None else [_claimed(document, mark)]
        these = {"_id": {"$in": ids}}
        await self._orders.update_many(these | claimable, claim)
        found = self._orders.find(these | {"pending.claim": mark}, _BROUGHT)
        return [_claimed(document, mark) async for document in found]

    async def _take_up_again(self, order_id: ObjectId, version: int) -> None:
        """Put what waits behind a failure that was delivered after all where the scan finds it."""
        await self._orders.update_one(
            {"_id": order_id, "failed.version": {"$lte": version}},
            taken_up_again(datetime.fromtimestamp(0).astimezone()),
        )


def _up_to(version: int) -> Document:
    return {"$pull": {"pending": {"version": {"$lte": version}}}}


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


def _claimed(document: Document, mark: ObjectId) -> Claimed:
    order_id = Id(str(document["_id"]))
    claimed = [pending for pending in document["pending"] if pending.get("claim") == mark]
    return Claimed(order_id, tuple(to_event(order_id, pending) for pending in claimed))
