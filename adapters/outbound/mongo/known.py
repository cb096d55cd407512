"""What exists, asked for together and remembered for a while."""

from collections.abc import Collection, Sequence
from time import monotonic

from bson import ObjectId
from pymongo import ReadPreference
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern

from adapters.outbound.mongo.coalescing import Coalesced
from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.errors import translated
from core.domain.ids import Id

MOST_IDS = 100_000
LONGEST_SECONDS = 60.0
HALF_SECONDS = LONGEST_SECONDS / 2


class KnownIds:
    """Remembers up to MOST_IDS ids for up to LONGEST_SECONDS: nothing is deleted, but a database may be restored.

    It forgets by halves: what it learnt in the last half of that time is kept apart from what it learnt before.
    """

    def __init__(self) -> None:
        self._young: set[Id] = set()
        self._old: set[Id] = set()
        self._since = monotonic()

    def unknown(self, ids: Collection[Id]) -> set[Id]:
        """Give those of these ids that are not known."""
        self._forget()
        return {one for one in ids if one not in self._young and one not in self._old}

    def add(self, ids: Collection[Id], asked_at: float) -> None:
        """Remember ids that are there to stay; `asked_at` is monotonic time from before they were asked for."""
        self._forget()
        if asked_at >= self._since and len(self._young) + len(ids) <= MOST_IDS // 2:
            self._young.update(ids)

    def _forget(self) -> None:
        age = monotonic() - self._since
        if age >= LONGEST_SECONDS:
            self._young, self._old = set(), set()
            self._since += age
        elif age >= HALF_SECONDS:
            self._young, self._old = set(), self._young
            self._since += HALF_SECONDS
        elif len(self._young) == MOST_IDS // 2:
            self._young, self._old = set(), self._young
            self._since += age


class Existence:
    """Tells what exists in a collection."""

    def __init__(self, collection: AsyncCollection[Document], seconds: float) -> None:
        self._primary = collection.with_options(read_preference=ReadPreference.PRIMARY)
        self._majority = self._primary.with_options(read_concern=ReadConcern("majority"))
        self._known = KnownIds()
        self._find = Coalesced(self._find_all, seconds)
        self.close = self._find.close

    async def missing(self, ids: Collection[Id]) -> set[Id]:
        """Tell which of these do not exist."""
        unknown = self._known.unknown(ids)
        # Not what is remembered by then: that may be full.
        return unknown - await self._find(unknown) if unknown else unknown

    async def _find_all(self, asked: Sequence[set[Id]]) -> Sequence[set[Id]]:
        wanted = set().union(*asked)
        asked_at = monotonic()
        found = await _find(self._majority, wanted)
        self._known.add(found, asked_at)
        if len(found) < len(wanted):
            # A new primary may know of a write that lasts and not yet that it does.
            found |= await _find(self._primary, wanted - found)
        return [found] * len(asked)


async def _find(collection: AsyncCollection[Document], ids: Collection[Id]) -> set[Id]:
    with translated():
        these = {"_id": {"$in": [ObjectId(one) for one in ids]}}
        return {Id(str(document["_id"])) async for document in collection.find(these, {"_id": 1})}
