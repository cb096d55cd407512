"""The orders as operators look at them."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from adapters.outbound.memory.orders import Record, Records, take_up_again
from core.domain.ids import Id
from core.ports.backlog import StoredOrder, WaitingOrder


class MemoryBacklog:
    """The port `Backlog`."""

    def __init__(self, records: Records) -> None:
        self._records = records.all
        self._waiting = records.waiting

    async def waiting(self) -> AsyncIterator[WaitingOrder]:
        for record in list(self._waiting.values()):
            if record.pending:
                yield _waiting_order(record)

    async def failed(self) -> AsyncIterator[WaitingOrder]:
        failures = [(r.failed.at, r) for r in self._waiting.values() if r.failed]
        for _, record in sorted(failures, key=lambda failure: failure[0]):
            if record.failed:
                yield _waiting_order(record)

    async def find(self, order_id: Id) -> WaitingOrder | None:
        record = self._waiting.get(order_id)
        return None if record is None else _waiting_order(record)

    async def retry(self, order_ids: Collection[Id], now: datetime) -> set[Id]:
        failed = {order_id for order_id in order_ids if self._failed(order_id)}
        for order_id in failed:
            take_up_again(self._waiting[order_id], now)
        return failed

    async def discard(self, order_id: Id, version: int, now: datetime) -> bool:
        record = self._failed(order_id)
        if record is None or record.failed is None or record.failed.version != version:
            return False
        record.pending = record.pending[1:]
        record.discarded += (version,)
        if record.pending:
            take_up_again(record, now)
        else:
            record.failed = None
            del self._waiting[order_id]
        return True

    async def orders(self) -> AsyncIterator[StoredOrder]:
        for record in list(self._records.values()):
            yield _stored_order(record)

    async def changed_since(self, time: datetime) -> AsyncIterator[StoredOrder]:
        async for order in self.orders():
            if order.latest.change.time >= time:
                yield order

    async def get(self, order_ids: Collection[Id]) -> Sequence[StoredOrder]:
        found = [self._records.get(order_id) for order_id in order_ids]
        return [_stored_order(record) for record in found if record]

    def _failed(self, order_id: Id) -> Record | None:
        record = self._waiting.get(order_id)
        return record if record is not None and record.failed else None


def _waiting_order(record: Record) -> WaitingOrder:
    first, last = record.pending[0], record.pending[-1]
    return WaitingOrder(
        record.order.id,
        first.version,
        last.version,
        len(record.pending),
        first.change.time,
        record.failed,
        record.lease,
    )


def _stored_order(record: Record) -> StoredOrder:
    return StoredOrder(
        record.latest, tuple(event.version for event in record.pending), record.discarded
    )
