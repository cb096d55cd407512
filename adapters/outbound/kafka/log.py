"""The topic, read back."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka

from adapters.outbound.kafka.errors import NO_ANSWER, describe
from core.domain.errors import EventsUnavailable
from core.ports.events import Message

ANSWER_SECONDS = 10.0
POLL_MILLISECONDS = 500
MOST_MESSAGES = 200


class KafkaEventLog:
    """The port `EventLog`, on one topic, by a consumer of all its partitions that is not started."""

    def __init__(
        self, topic: str, consumer: AIOKafkaConsumer, seconds: float = ANSWER_SECONDS
    ) -> None:
        self._topic = topic
        self._consumer = consumer
        self._seconds = seconds

    async def start(self) -> None:
        """Find the topic. Raises `EventsUnavailable`."""
        with self._translated():
            async with asyncio.timeout(self._seconds):
                await self._consumer.start()

    async def stop(self) -> None:
        """Leave the topic, also where `start` failed."""
        stopping = asyncio.ensure_future(self._consumer.stop())
        await asyncio.wait({stopping})
        if stopping.cancelled():
            # As its own stop is halfway, when it pauses after a fetch that failed. There is no public way to go on;
            # tests/outbound/test_kafka_log.py guards this name.
            await self._consumer._client.close()  # noqa: SLF001 - as above

    async def ends(self) -> Mapping[int, int]:
        with self._translated():
            async with asyncio.timeout(self._seconds):
                ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        return {partition.partition: end for partition, end in ends.items()}

    async def read(self, ends: Mapping[int, int]) -> AsyncIterator[Sequence[Message]]:
        open_ends = {TopicPartition(self._topic, number): end for number, end in ends.items()}
        last_answer = time.monotonic()
        while await self._forget_reached(open_ends):
            fetched = await self._fetch(open_ends)
            if fetched:
                last_answer = time.monotonic()
            elif time.monotonic() - last_answer > self._seconds:
                raise EventsUnavailable(NO_ANSWER)
            for partition, records in fetched.items():
                end = ends[partition.partition]
                yield [_message(record) for record in records if record.offset < end]

    async def _forget_reached(self, open_ends: dict[TopicPartition, int]) -> bool:
        """Leave out partitions that are read as far as they should be; tell whether any is left."""
        with self._translated():
            async with asyncio.timeout(self._seconds):
                for partition, end in list(open_ends.items()):
                    if await self._consumer.position(partition) >= end:
                        self._consumer.pause(partition)
                        del open_ends[partition]
        return bool(open_ends)

    async def _fetch(
        self, open_ends: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
        """Give what there is soon: nothing, perhaps, where what was to come has been removed meanwhile."""
        with self._translated():
            fetched: Mapping[
                TopicPartition, Sequence[ConsumerRecord]
            ] = await self._consumer.getmany(
                *open_ends, timeout_ms=POLL_MILLISECONDS, max_records=MOST_MESSAGES
            )
        return fetched

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise EventsUnavailable(NO_ANSWER) from error
        except kafka.TopicAuthorizationFailedError as error:
            raise EventsUnavailable(f"no right to read topic {self._topic}") from error
        except (kafka.KafkaError, OSError) as error:
            raise EventsUnavailable(describe(error, self._topic)) from error


def _message(record: ConsumerRecord) -> Message:
    return Message(
        record.partition,
        record.offset,
        record.timestamp,
        record.key or b"",
        tuple((name, value or b"") for name, value in record.headers),
        record.value or b"",
    )
