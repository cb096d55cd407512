"""Commands that carry many documents, and what became of each."""

from collections.abc import Mapping, Sequence

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError, WriteError

from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.errors import reason_of, translated
from core.domain.errors import StorageUnavailable

DUPLICATE_KEY = 11_000


async def find_each(
    collection: AsyncCollection[Document],
    ids: Sequence[ObjectId],
    fields: Mapping[str, object] | None = None,
) -> Mapping[ObjectId, Document]:
    """Give those of these documents that are there. Raises `StorageUnavailable`."""
    with translated():
        if len(ids) == 1:
            document = await collection.find_one({"_id": ids[0]}, fields)
            return {} if document is None else {ids[0]: document}
        found = collection.find({"_id": {"$in": list(ids)}}, fields)
        return {document["_id"]: document for document in await found.to_list(None)}


async def insert_each(
    collection: AsyncCollection[Document], documents: Sequence[Document]
) -> Sequence[Exception | None]:
    """Insert each, whatever becomes of the others; give for each its error, if any.

    Raises `StorageUnavailable` where nothing is known of any of them.
    """
    try:
        with translated():
            if len(documents) == 1:
                await collection.insert_one(documents[0])
            else:
                await collection.insert_many(documents, ordered=False)
    except DuplicateKeyError as error:
        return [error]
    except BulkWriteError as error:
        return _each(error, len(documents))
    return [None] * len(documents)


async def update_each(
    collection: AsyncCollection[Document], updates: Sequence[UpdateOne]
) -> tuple[Sequence[Exception | None], int]:
    """Run each, whatever becomes of the others; give for each its error, and how many met a document.

    Raises `StorageUnavailable` where nothing is known of any of them.
    """
    try:
        with translated():
            result = await collection.bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        return _each(error, len(updates)), int(error.details["nMatched"])
    return [None] * len(updates), result.matched_count


def _each(error: BulkWriteError, count: int) -> Sequence[Exception | None]:
    """Tell for each document what the server said of it alone: that its key is taken, say."""
    outcomes: list[Exception | None] = [None] * count
    for failed in error.details["writeErrors"]:
        kind = DuplicateKeyError if failed["code"] == DUPLICATE_KEY else WriteError
        outcome = kind(failed["errmsg"], failed["code"], failed)
        reason = reason_of(outcome)
        outcomes[failed["index"]] = StorageUnavailable(reason) if reason else outcome
    return outcomes
