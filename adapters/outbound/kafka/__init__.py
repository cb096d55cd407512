"""Events on a Kafka topic, through aiokafka."""

import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from adapters.outbound.kafka.log import KafkaEventLog
from adapters.outbound.kafka.publisher import KafkaPublisher
from core.domain.errors import WrongSettings
from core.ports.plugins import PORTS_VERSION, Environment, Feature

PREFIX = "ORDERPORT_KAFKA_"
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
REQUEST_MILLISECONDS = 3_500
LARGEST_BATCH_BYTES = 131_072
LARGEST_FETCH_BYTES = 8_388_608
"""What is read ahead at most, so that memory does not grow with the partitions."""


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """The entry point `kafka` of `orderport.events`."""

    servers: tuple[str, ...]
    topic: str
    security_protocol: str
    mechanism: str | None
    username: str | None
    password: str | None = field(repr=False)
    context: ssl.SSLContext | None

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar = frozenset({Feature.READABLE})

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        problems: list[str] = []
        servers = tuple(
            server.strip()
            for server in environment.get(f"{PREFIX}BOOTSTRAP_SERVERS", "localhost:9092").split(",")
        )
        for server in servers:
            host, _, port = server.rpartition(":")
            if not host or not port.isdecimal():
                problems.append(
                    f"{PREFIX}BOOTSTRAP_SERVERS: {server!r} is not of the form host:port"
                )
        topic = environment.get(f"{PREFIX}TOPIC", "orders")
        if not 1 <= len(topic) <= 249 or not all(
            c.isascii() and (c.isalnum() or c in "._-") for c in topic
        ):
            problems.append(f"{PREFIX}TOPIC: {topic!r} is no name of a topic")
        protocol = environment.get(f"{PREFIX}SECURITY_PROTOCOL", "PLAINTEXT")
        if protocol not in PROTOCOLS:
            problems.append(
                f"{PREFIX}SECURITY_PROTOCOL: {protocol!r} is none of {', '.join(PROTOCOLS)}"
            )
        sasl = {
            name: environment.get(f"{PREFIX}SASL_{name}")
            for name in ("MECHANISM", "USERNAME", "PASSWORD")
        }
        if protocol.startswith("SASL_"):
            problems += [
                f"{PREFIX}SASL_{name}: is needed for {protocol}"
                for name, value in sasl.items()
                if value is None
            ]
        if sasl["MECHANISM"] not in (None, *MECHANISMS):
            problems.append(
                f"{PREFIX}SASL_MECHANISM: {sasl['MECHANISM']!r} is none of {', '.join(MECHANISMS)}"
            )
        context = None
        if protocol.endswith("SSL"):
            cafile = environment.get(f"{PREFIX}SSL_CAFILE")
            try:
                context = ssl.create_default_context(cafile=cafile)
            except (OSError, ValueError) as error:
                problems.append(f"{PREFIX}SSL_CAFILE: {cafile!r} cannot be used: {error}")
        if problems:
            raise WrongSettings(problems)
        return cls(
            servers, topic, protocol, sasl["MECHANISM"], sasl["USERNAME"], sasl["PASSWORD"], context
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[KafkaPublisher]:
        # A line for every try would bury the relay's one line for every change.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        publisher = KafkaPublisher(self.topic, self._make_producer)
        try:
            yield publisher
        finally:
            await publisher.close()

    @asynccontextmanager
    async def open_log(self) -> AsyncIterator[KafkaEventLog]:
        # What is wrong is told once, by the error that is raised.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        consumer = AIOKafkaConsumer(
            self.topic,
            # Of no group, so that the broker remembers nothing of this reading.
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_bytes=LARGEST_FETCH_BYTES,
            request_timeout_ms=REQUEST_MILLISECONDS,
            **self._connection,
        )
        event_log = KafkaEventLog(self.topic, consumer)
        try:
            await event_log.start()
            yield event_log
        finally:
            await event_log.stop()

    def _make_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            acks="all",
            # An idempotent producer answers nothing while the broker is away, and cannot be stopped then; the relay
            # keeps the order without: it sends a version only once the one before is acknowledged.
            enable_idempotence=False,
            compression_type="lz4",
            request_timeout_ms=REQUEST_MILLISECONDS,
            max_batch_size=LARGEST_BATCH_BYTES,
            **self._connection,
        )

    @property
    def _connection(self) -> Mapping[str, Any]:
        return {
            "bootstrap_servers": list(self.servers),
            "client_id": "orderport",
            "security_protocol": self.security_protocol,
            "ssl_context": self.context,
            "sasl_mechanism": self.mechanism or "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }
