"""`python -m benchmarks.idempotent_producer`: an idempotent producer beside a plain one, on a real Kafka in trouble.

Prints, for each, what becomes of a send to a broker that falls silent, how long the producer takes to stop then, and
what becomes of a good message that follows one that the broker refuses.
"""

import asyncio
import logging
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.servers import KafkaServer, start_kafka

TOPIC = "orders"
PATIENCE_SECONDS = 10.0
TOO_LARGE = b"x" * 2_000_000


def make_producer(kafka: KafkaServer, *, idempotent: bool) -> AIOKafkaProducer:
    """Make one that is not started."""
    return AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers,
        acks="all",
        enable_idempotence=idempotent,
        request_timeout_ms=2_000,
        max_request_size=2 * len(TOO_LARGE),
    )


async def send(producer: AIOKafkaProducer, value: bytes) -> str:
    """Send one message; give what became of it, and after how long."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await producer.send_and_wait(TOPIC, value, key=b"order")
    except TimeoutError:
        return f"no answer in {PATIENCE_SECONDS:.0f} s"
    except KafkaError as error:
        return f"{type(error).__name__} after {time.monotonic() - began:.1f} s"
    return "acknowledged"


async def stop(producer: AIOKafkaProducer) -> str:
    """Stop a producer; give how long that took."""
    began = time.monotonic()
    stopping = asyncio.ensure_future(producer.stop())
    await asyncio.wait({stopping}, timeout=PATIENCE_SECONDS)
    return f"{time.monotonic() - began:.1f} s" if stopping.done() else "not within 10 s"


async def measure(kafka: KafkaServer, *, idempotent: bool) -> None:
    """Bring both kinds of trouble upon one kind of producer."""
    name = "idempotent" if idempotent else "plain"
    producer = make_producer(kafka, idempotent=idempotent)
    await producer.start()
    await send(producer, b"good")
    print(f"{name}: too large: {await send(producer, TOO_LARGE)}", flush=True)
    print(f"{name}: good, after that: {await send(producer, b'good')}", flush=True)
    await stop(producer)

    producer = make_producer(kafka, idempotent=idempotent)
    await producer.start()
    await send(producer, b"good")
    kafka.pause()
    print(f"{name}: to a silent broker: {await send(producer, b'good')}", flush=True)
    print(f"{name}: stopped: {await stop(producer)}", flush=True)
    kafka.resume()


def main() -> None:
    """Measure both."""
    logging.disable(logging.CRITICAL)
    with start_kafka() as kafka:
        kafka.create_topic(TOPIC, 1)
        for idempotent in (False, True):
            asyncio.run(measure(kafka, idempotent=idempotent))


if __name__ == "__main__":
    main()
