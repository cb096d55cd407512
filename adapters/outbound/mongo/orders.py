"""Orders in MongoDB, each with the events that wait inside its document."""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId
from pymongo import ReadPreference, ReturnDocument, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, WriteError

from adapters.outbound.mongo.batches import find_each, insert_each, update_each
from adapters.outbound.mongo.coalescing import Coalesced
from adapters.outbound.mongo.documents import SCHEMA, Document
from adapters.outbound.mongo.errors import translated, unknown_outcome
from adapters.outbound.mongo.mapping import (
    ORDER_FIELDS,
    from_change,
    from_order,
    from_order_fields,
    to_order,
)
from core.domain.errors import Overloaded
from core.domain.events import Change
from core.domain.ids import Id
from core.domain.orders import Order
from core.ports.storage import LEASE, MOST_WAITING_BYTES, Written

_WAITING_BYTES = {"$sum": {"$map": {"input": "$pending", "in": {"$binarySize": "$$this.value"}}}}
_HAS_ROOM = {"$expr": {"$lt": [_WAITING_BYTES, MOST_WAITING_BYTES]}}
_NOTHING_WAITS = {"$eq": ["$pending", []]}
_NEXT_VERSION = {"$add": ["$version", 1]}
_STATE = {"version": 1, "bytes": _WAITING_BYTES, "idle": _NOTHING_WAITS}

CONVERSION_FAILURE = 241
_NO_NUMBER = {"$toInt": {"$concat": ["the order has changed: ", {"$toString": "$version"}]}}
"""An expression that fails, so that the server tells which of many updates found its order changed."""


@dataclass(frozen=True, slots=True)
class _Replacement:
    """A change of an order, and which process has the lease if this change takes it."""

    order_id: ObjectId
    order: Order
    change: Change
    who: str

    def update(self) -> Sequence[Document]:
        """Give the update in which the server counts the version, appends the event and decides who has the lease.

        Values are literals, since the server would read a text that begins with `$` as the name of a field.
        """
        lease = {
            # Of an order that is set aside no entry has a lease; then these are left out of this one, too.
            name: {"$cond": [_NOTHING_WAITS, value, {"$first": f"$pending.{name}"}]}
            for name, value in self._own_lease(_NEXT_VERSION).items()
        }
        return self._update(_NEXT_VERSION, _NEXT_VERSION, lease)

    def update_from(self, state: Document) -> UpdateOne:
        """Give the same for an order that is in this state; it fails if the order is in another by then."""
        version = state["version"] + 1
        lease = self._own_lease(version)
        if not state["idle"]:
            lease = {name: {"$first": f"$pending.{name}"} for name in lease}
        same = [{"$eq": ["$version", state["version"]]}, {"$eq": [_NOTHING_WAITS, state["idle"]]}]
        guarded = {"$cond": [{"$and": same}, version, _NO_NUMBER]}
        return UpdateOne({"_id": self.order_id}, self._update(guarded, version, lease))

    def _own_lease(self, version: object) -> Document:
        who = {"$literal": self.who}
        return {"who": who, "from": version, "until": self.change.time + LEASE}

    def _update(self, guarded: object, version: object, lease: Document) -> Sequence[Document]:
        last = from_change(self.change)
        described = {name: {"$literal": value} for name, value in last.items()}
        event = {"version": version, **described, "value": {"$literal": self.change.value}, **lease}
        fields = from_order_fields(self.order)
        texts = {name: {"$literal": fields[name]} for name in ("items", "status")}
        changed = {
            "schema": SCHEMA,
            "version": guarded,
            **fields,
            **texts,
            "last": {"$literal": last},
            "pending": {"$concatArrays": ["$pending", [event]]},
        }
        return [{"$set": changed}]


class _NotTogether:
    """An order that was not replaced among others: it is absent, or full, or has changed since it was read."""


class MongoOrders:
    """The port `Orders`."""

    def __init__(self, orders: AsyncCollection[Document], seconds: float) -> None:
        self._orders = orders
        self._primary = orders.with_options(read_preference=ReadPreference.PRIMARY)
        self._insert = Coalesced(self._insert_all, seconds)
        self._find = Coalesced(self._find_all, seconds)
        self._replace = Coalesced(self._replace_all, seconds, key=lambda one: one.order_id)

    async def add(self, order: Order, change: Change, who: str) -> None:
        await self._insert(from_order(order, change, who, change.time + LEASE))

    async def get(self, order_id: Id) -> Order | None:
        document = await self._find(ObjectId(order_id))
        return None if document is None else to_order(document)

    async def replace(self, order: Order, change: Change, who: str) -> Written | None:
        one = _Replacement(ObjectId(order.id), order, change, who)
        answer = await self._replace(one)
        # Not among the others, whose answers would wait for it.
        return await self._replace_one(one) if isinstance(answer, _NotTogether) else answer

    async def close(self) -> None:
        """End what is under way."""
        for coalesced in (self._insert, self._find, self._replace):
            await coalesced.close()

    async def _insert_all(self, documents: Sequence[Document]) -> Sequence[Exception | None]:
        outcomes = await insert_each(self._orders, documents)
        return [
            unknown_outcome() if isinstance(one, DuplicateKeyError) else one for one in outcomes
        ]

    async def _find_all(self, ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        found = await find_each(self._orders, ids, ORDER_FIELDS)
        return [found.get(order_id) for order_id in ids]

    async def _replace_all(
        self, replacements: Sequence[_Replacement]
    ) -> Sequence[Written | _NotTogether | Exception | None]:
        """Replace many orders by a reading and a writing that rests on it.

        An update among many tells nothing of what it made. So its version and lease follow from what was read, and it
        fails where that has changed by then. If what was read does not last, neither does what was written on it.
        """
        if len(replacements) == 1:
            return [await self._replace_one(replacements[0])]
        states = await find_each(self._primary, [one.order_id for one in replacements], _STATE)
        updates = {
            one.order_id: one.update_from(states[one.order_id])
            for one in replacements
            if one.order_id in states and states[one.order_id]["bytes"] < MOST_WAITING_BYTES
        }
        answers: dict[ObjectId, Written | _NotTogether | Exception] = {}
        if updates:
            outcomes, met = await update_each(self._orders, list(updates.values()))
            if met + sum(outcome is not None for outcome in outcomes) < len(updates):
                raise unknown_outcome()  # one is gone, which happens only where a database is restored
            for order_id, outcome in zip(updates, outcomes, strict=True):
                answers[order_id] = _answer(states[order_id], outcome)
        return [answers.get(one.order_id, _NotTogether()) for one in replacements]

    async def _replace_one(self, one: _Replacement) -> Written | None:
        """Have the server count the version, whatever it is; a reading tells why there was none."""
        this = {"_id": one.order_id}
        with translated():
            document = await self._orders.find_one_and_update(
                this | _HAS_ROOM,
                one.update(),
                projection={
                    "version": 1,
                    "who": {"$last": "$pending.who"},
                    "from": {"$last": "$pending.from"},
                },
                return_document=ReturnDocument.AFTER,
            )
            if document is None:
                if await self._primary.find_one(this, {"_id": 1}):
                    raise Overloaded("this order")
                return None
        mine = document.get("who") == one.who
        return Written(document["version"], document["from"] if mine else None)


def _answer(state: Document, outcome: Exception | None) -> Written | _NotTogether | Exception:
    """Tell what an update made that found its order in this state."""
    if outcome is None:
        version = state["version"] + 1
        return Written(version, version if state["idle"] else None)
    changed = isinstance(outcome, WriteError) and outcome.code == CONVERSION_FAILURE
    return _NotTogether() if changed else outcome
