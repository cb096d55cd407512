"""MongoDB: an order and its event in one document, concurrent commands of one kind in one."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import Decimal128, ObjectId
from pymongo import UpdateMany, UpdateOne, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from benchmarks.peers.limit.coalescing import Coalesced

Document = dict[str, Any]
MOST_KNOWN = 100_000
UNIQUE_EMAIL = "email_key"


class Kind:
    """One collection."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self.collection = collection
        self.insert = Coalesced(self._insert)
        self.get = Coalesced(self._get)
        self._known: set[ObjectId] = set()

    async def missing(self, ids: set[ObjectId]) -> set[ObjectId]:
        """Tell which of these do not exist; those that do are remembered."""
        unknown = ids - self._known
        for one in list(unknown):
            if await self.get(one) is not None:
                unknown.discard(one)
                if len(self._known) < MOST_KNOWN:
                    self._known.add(one)
        return unknown

    async def _insert(self, documents: Sequence[Document]) -> Sequence[Any]:
        answers: list[Any] = [None] * len(documents)
        try:
            await self.collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if error.details["writeConcernErrors"]:
                raise
            for failed in error.details["writeErrors"]:
                answers[failed["index"]] = DuplicateKeyError(failed["errmsg"])
        return answers

    async def _get(self, ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        wanted = {"_id": {"$in": ids} if len(ids) > 1 else ids[0]}
        found = self.collection.find(wanted, {"pending": 0})
        by_id = {document["_id"]: document for document in await found.to_list(None)}
        return [by_id.get(one) for one in ids]


class Orders(Kind):
    """Orders, with the events that wait inside."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        super().__init__(collection)
        self._replace = Coalesced(self._replace_all)
        self._changing: dict[ObjectId, Any] = {}

    async def replace(self, change: Document, event: Document) -> int | None:
        """Make the next version; give its number, or None where there is no such order."""
        while (before := self._changing.get(change["_id"])) is not None:
            with suppress(Exception):  # that was another caller's
                await before
        written = self._changing[change["_id"]] = self._replace((change, event))
        try:
            version: int | None = await written
            return version
        finally:
            del self._changing[change["_id"]]

    async def mark(self, delivered: dict[int, list[ObjectId]]) -> None:
        """Remove what is delivered."""
        await self.collection.bulk_write(
            [
                UpdateMany(
                    {"_id": {"$in": ids}}, {"$pull": {"pending": {"version": {"$lte": version}}}}
                )
                for version, ids in delivered.items()
            ],
            ordered=False,
        )

    async def _replace_all(self, changes: Sequence[tuple[Document, Document]]) -> Sequence[Any]:
        """At most one change of an order is under way, and no other process writes here: none can miss."""
        ids = [change["_id"] for change, _ in changes]
        found = self.collection.find({"_id": {"$in": ids}}, {"version": 1})
        versions = {document["_id"]: document["version"] for document in await found.to_list(None)}
        answers = [versions[order_id] + 1 if order_id in versions else None for order_id in ids]
        writes = [
            UpdateOne(
                {"_id": change["_id"], "version": version - 1},
                {
                    "$set": {**change, "version": version},
                    "$push": {"pending": event | {"version": version}},
                },
            )
            for (change, event), version in zip(changes, answers, strict=True)
            if version is not None
        ]
        if writes:
            result = await self.collection.bulk_write(writes, ordered=False)
            if result.matched_count != len(writes):
                raise RuntimeError("another process writes to this database")
        return answers


class Storage:
    """All of it."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        durable = database.with_options(write_concern=WriteConcern(w="majority", j=True))
        self.users = Kind(durable["users"])
        self.products = Kind(durable["products"])
        self.orders = Orders(durable["orders"])

    async def prepare(self) -> None:
        """Make the indexes."""
        await self.users.collection.create_index(UNIQUE_EMAIL, unique=True)
        await self.orders.collection.create_index(
            "pending.time", partialFilterExpression={"pending.time": {"$exists": True}}
        )


def event_of(type_: str, time: datetime, value: bytes) -> Document:
    """Give what waits inside an order."""
    return {"version": 1, "type": type_, "time": time, "value": value}


def stored(order: Document) -> Document:
    """Give an order as it is stored."""
    return order | {"price": Decimal128(order["price"])}
