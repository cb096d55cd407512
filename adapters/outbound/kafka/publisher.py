"""Events on a Kafka topic."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka

from adapters.outbound.kafka.batches import Batch, make_batches
from adapters.outbound.kafka.errors import NO_ANSWER, REFUSALS, UNREACHABLE, describe
from core.domain.errors import EventsUnavailable
from core.domain.events import OrderEvent
from core.ports.events import Outcome, Receipt

log = logging.getLogger(__name__)

ANSWER_SECONDS = 3.9
"""When a send without an answer counts as unknown: within the 4 s that the port promises."""
STOP_SECONDS = 1.0


class KafkaPublisher:
    """The port `Publisher`, on one topic; `make_producer` makes one that is not started."""

    def __init__(
        self,
        topic: str,
        make_producer: Callable[[], AIOKafkaProducer],
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._topic = topic
        self._make_producer = make_producer
        self._seconds = seconds
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._retiring: set[asyncio.Task[None]] = set()

    async def publish(self, events: Sequence[OrderEvent]) -> Sequence[Receipt]:
        receipts = [Receipt(Outcome.UNKNOWN, NO_ANSWER)] * len(events)
        sends: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._started()
                partitions = sorted(await producer.partitions_for(self._topic))
                batches = make_batches(producer.create_batch, partitions, events)
                sends = [
                    asyncio.create_task(self._send(producer, batch, receipts)) for batch in batches
                ]
                await asyncio.wait(sends)
        except TimeoutError:
            pass
        except (kafka.KafkaError, OSError) as error:
            receipts = [Receipt(Outcome.UNKNOWN, describe(error, self._topic))] * len(events)
        finally:
            for send in sends:
                send.cancel()
        return receipts

    async def check(self) -> None:
        try:
            producer = await self._started()
            client = producer.client
            client.add_topic(self._topic)
            updated = await client.force_metadata_update()
        except (kafka.KafkaError, OSError) as error:
            raise EventsUnavailable(describe(error, self._topic)) from error
        if not updated:
            raise EventsUnavailable(UNREACHABLE)
        partitions = client.cluster.partitions_for_topic(self._topic)
        if self._topic in client.cluster.unauthorized_topics:
            raise EventsUnavailable(f"no right to write to topic {self._topic}")
        if not partitions:
            raise EventsUnavailable(f"topic {self._topic} does not exist")
        leaderless = partitions - client.cluster.available_partitions_for_topic(self._topic)
        if leaderless:
            raise EventsUnavailable(
                f"{len(leaderless)} partitions of topic {self._topic} have no leader"
            )

    async def close(self) -> None:
        """End within seconds, whatever the broker does; what has no answer yet stays unknown."""
        if self._producer is not None:
            self._retire(self._producer)
        if self._retiring:
            await asyncio.wait(self._retiring)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            async with self._starting:
                if self._producer is None:
                    producer = self._make_producer()
                    try:
                        await producer.start()
                    except BaseException:
                        await _stop(producer)
                        raise
                    self._producer = producer
        return self._producer

    async def _send(
        self, producer: AIOKafkaProducer, batch: Batch, receipts: list[Receipt]
    ) -> None:
        try:
            sent = await producer.send_batch(batch.builder, self._topic, partition=batch.partition)
            sent.add_done_callback(_hear)
            await asyncio.shield(sent)
        except REFUSALS as error:
            self._retire(producer)
            receipt = Receipt(Outcome.REFUSED, describe(error, self._topic))
        except (kafka.KafkaError, OSError) as error:
            receipt = Receipt(Outcome.UNKNOWN, describe(error, self._topic))
        else:
            receipt = Receipt(Outcome.ACKNOWLEDGED)
        for place in batch.places:
            receipts[place] = receipt

    def _retire(self, producer: AIOKafkaProducer) -> None:
        """Make the next send open a new producer, once this one's refusal has left its state in doubt."""
        if self._producer is producer:
            self._producer = None
            retiring = asyncio.create_task(_stop(producer))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)


def _hear(sent: asyncio.Future[object]) -> None:
    """Take note of how a send ended: asyncio would log an error that came too late for anybody to wait for it."""
    if not sent.cancelled():
        sent.exception()


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer in bounded time: by itself it waits for the broker for as long as that takes."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except (TimeoutError, kafka.KafkaError, OSError):
        # There is no public way to give up what waits; tests/outbound/test_kafka.py guards these names.
        producer._message_accumulator.fail_all(ConnectionError("given up"))  # noqa: SLF001 - as above
        await producer.client.close()
        sending = producer._sender.sender_task  # noqa: SLF001 - as above
        if sending is not None:
            sending.cancel()
            await asyncio.wait({sending}, timeout=STOP_SECONDS)
