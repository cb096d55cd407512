"""Events by the batch: to hand them to the client one by one takes three times as long.

And the client would put events of several calls into one batch, where one that is refused takes the others with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from core.domain.events import OrderEvent

_partition = DefaultPartitioner()
"""As Java's client does it, and the producer itself: all versions of an order go to one partition."""


@dataclass(slots=True)
class Batch:
    """Events of one partition that are sent, and answered, together; `places` are where they stand among all."""

    partition: int
    builder: BatchBuilder
    places: list[int] = field(default_factory=list)

    def add(self, place: int, event: OrderEvent) -> bool:
        """Take one more event, or tell that there is no room; the first fits, whatever its size."""
        added = self.builder.append(
            timestamp=None,
            key=event.order_id.encode(),
            value=event.change.value,
            headers=[(name, value.encode()) for name, value in event.headers()],
        )
        if added is not None:
            self.places.append(place)
        return added is not None


def make_batches(
    new_builder: Callable[[], BatchBuilder],
    partitions: Sequence[int],
    events: Sequence[OrderEvent],
) -> Sequence[Batch]:
    """Put events into batches, as few for each partition as can be."""
    open_batches: dict[int, Batch] = {}
    batches: list[Batch] = []
    for place, event in enumerate(events):
        partition = _partition(event.order_id.encode(), partitions, partitions)
        batch = open_batches.get(partition)
        if batch is None or not batch.add(place, event):
            batch = open_batches[partition] = Batch(partition, new_builder())
            batch.add(place, event)
            batches.append(batch)
    return batches
