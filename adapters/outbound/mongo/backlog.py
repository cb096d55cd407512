"""The orders as operators look at them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import pymongo
from bson import ObjectId
from pymongo import ReadPreference
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.read_concern import ReadConcern

from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.errors import translated
from adapters.outbound.mongo.mapping import (
    STORED_FIELDS,
    WAITING_FIELDS,
    to_stored_order,
    to_waiting_order,
)
from adapters.outbound.mongo.outbox import taken_up_again
from core.domain.errors import StorageUnavailable
from core.domain.ids import Id
from core.ports.backlog import StoredOrder, WaitingOrder

BATCH = 100
"""How many documents are held at once: one of 1,000 items comes to half a megabyte here."""
CURSOR_SECONDS = 86_400.0

_FAILED = {"failed.at": {"$exists": True}}
_WAITING = {"$or": [{"pending.until": {"$exists": True}}, _FAILED]}
_SOMETHING_WAITS = {"pending.0": {"$exists": True}}


class MongoBacklog:
    """The port `Backlog`; `seconds` is what one operation may take."""

    def __init__(self, orders: AsyncCollection[Document], seconds: float) -> None:
        # Not what a secondary knows, however the connection string has it: that may be of yesterday.
        self._orders = orders.with_options(
            read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY
        )
        self._seconds = seconds

    async def waiting(self) -> AsyncIterator[WaitingOrder]:
        async for document in self._stream(self._orders.find(_WAITING, WAITING_FIELDS)):
            if document["count"]:
                yield to_waiting_order(document)

    async def failed(self) -> AsyncIterator[WaitingOrder]:
        found = self._orders.find(_FAILED, WAITING_FIELDS).sort("failed.at", 1)
        async for document in self._stream(found):
            if document["count"]:
                yield to_waiting_order(document)

    async def find(self, order_id: Id) -> WaitingOrder | None:
        this = {"_id": ObjectId(order_id)}
        with translated():
            document = await self._orders.find_one(this | _SOMETHING_WAITS, WAITING_FIELDS)
        return None if document is None else to_waiting_order(document)

    async def retry(self, order_ids: Collection[Id], now: datetime) -> set[Id]:
        these = {"_id": {"$in": [ObjectId(order_id) for order_id in order_ids]}}
        with translated():
            found = self._orders.find(these | _FAILED, {"_id": 1})
            ids = [document["_id"] async for document in found]
            await self._orders.update_many({"_id": {"$in": ids}} | _FAILED, taken_up_again(now))
        return {Id(str(order_id)) for order_id in ids}

    async def discard(self, order_id: Id, version: int, now: datetime) -> bool:
        this = {
            "_id": ObjectId(order_id),
            "failed.version": version,
            "pending.0.version": version,
        }
        left = {"$slice": ["$pending", 1, {"$size": "$pending"}]}
        discarded = {"$concatArrays": [{"$ifNull": ["$discarded", []]}, [version]]}
        removed = {"$set": {"pending": left, "discarded": discarded}}
        with translated():
            result = await self._orders.update_one(this, [removed, *taken_up_again(now)])
        return result.modified_count == 1

    async def orders(self) -> AsyncIterator[StoredOrder]:
        async for document in self._stream(self._orders.find({}, STORED_FIELDS).sort("_id", 1)):
            yield to_stored_order(document)

    async def changed_since(self, time: datetime) -> AsyncIterator[StoredOrder]:
        # Without an index on the time, which every write would pay for: all orders are looked at, briefly.
        changed: list[Id] = []
        async for document in self._stream(self._orders.find({}, {"last.time": 1}).sort("_id", 1)):
            if document["last"]["time"] >= time:
                changed.append(Id(str(document["_id"])))
            if len(changed) == BATCH:
                for order in await self.get(changed):
                    yield order
                changed.clear()
        for order in await self.get(changed):
            yield order

    async def get(self, order_ids: Collection[Id]) -> Sequence[StoredOrder]:
        these = {"_id": {"$in": [ObjectId(order_id) for order_id in order_ids]}}
        with translated():
            found = self._orders.find(these, STORED_FIELDS)
            return [to_stored_order(document) async for document in found]

    async def _stream(self, cursor: AsyncCursor[Document]) -> AsyncIterator[Document]:
        """Give all that the cursor finds, however long it takes, but each batch in time."""
        async with cursor.batch_size(
            BATCH
        ):  # the server's own choice are as many as 16 megabytes hold
            # What the driver grants the first batch it tells the server, as the time for the whole cursor.
            granted = CURSOR_SECONDS
            while batch := await self._next_batch(cursor, granted):
                for document in batch:
                    yield document
                granted = self._seconds

    async def _next_batch(
        self, cursor: AsyncCursor[Document], granted: float
    ) -> Sequence[Document]:
        try:
            async with asyncio.timeout(self._seconds):
                with translated(), pymongo.timeout(granted):
                    return await cursor.to_list(BATCH)
        except TimeoutError as error:
            raise StorageUnavailable("no answer in time") from error
