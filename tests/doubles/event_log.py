"""A topic in memory that can be read, and that whoever tests can tamper with."""

from collections.abc import AsyncIterator, Mapping, Sequence

from core.domain.events import OrderEvent
from core.ports.events import Message

PARTITIONS = 2


def to_message(event: OrderEvent, partition: int = 0, offset: int = 0) -> Message:
    """Give the message that an event is sent as, at the time of its change."""
    change = event.change
    headers = tuple((name, text.encode()) for name, text in event.headers())
    sent = round(change.time.timestamp() * 1000)
    return Message(partition, offset, sent, event.order_id.encode(), headers, change.value)


class MemoryEventLog:
    """The port `EventLog`; an order's messages lie on one of PARTITIONS, by its id."""

    def __init__(self) -> None:
        self.partitions: dict[int, list[Message]] = {number: [] for number in range(PARTITIONS)}
        self._ends = dict.fromkeys(range(PARTITIONS), 0)

    def put(self, *events: OrderEvent) -> None:
        """Add the messages of events."""
        for event in events:
            self.put_message(to_message(event, partition=int(event.order_id, 16) % PARTITIONS))

    def put_message(self, message: Message) -> None:
        """Add a message as it is, but for its offset."""
        number = message.partition
        at_its_place = Message(
            number, self._ends[number], message.sent, message.key, message.headers, message.value
        )
        self.partitions[number].append(at_its_place)
        self._ends[number] += 1

    def remove(self, partition: int, before: int) -> None:
        """Remove what lies before an offset, as retention does."""
        kept = [message for message in self.partitions[partition] if message.offset >= before]
        self.partitions[partition] = kept

    async def ends(self) -> Mapping[int, int]:
        return dict(self._ends)

    async def read(self, ends: Mapping[int, int]) -> AsyncIterator[Sequence[Message]]:
        for number, messages in self.partitions.items():
            yield [message for message in messages if message.offset < ends[number]]
