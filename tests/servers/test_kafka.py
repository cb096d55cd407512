import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError
from confluent_kafka import Consumer, KafkaException

from tests.servers import KafkaServer, ServerFailed, apache_kafka, cache, kafka, start_kafka

NO_APACHE = None if os.environ.get(kafka.DEMANDED) else apache_kafka.why_not()


@pytest.fixture(scope="module")
def apache() -> Iterator[KafkaServer]:
    if NO_APACHE:
        pytest.skip(NO_APACHE)
    with start_kafka() as server:
        yield server


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaServer]:
    """A Kafka as it is where there is no java."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(kafka.DEMANDED, raising=False)
    with start_kafka() as server:
        yield server


async def test_a_kafka_falls_silent_revives_and_comes_back_with_its_data(
    apache: KafkaServer,
) -> None:
    assert apache.kind == "apache"
    apache.create_topic("notes", 3)
    async with producing(apache) as producer:
        await producer.send_and_wait("notes", b"1", key=b"a")

        apache.pause()
        with pytest.raises(KafkaError):
            await producer.send_and_wait("notes", b"unheard", partition=2)
        apache.resume()
        await producer.send_and_wait("notes", b"2", key=b"a")

        apache.kill()
        await asyncio.to_thread(apache.start)
        await producer.send_and_wait("notes", b"3", key=b"a")

        await asyncio.to_thread(apache.stop)
        assert not apache.processes[0].running
        await asyncio.to_thread(apache.start)
    read = await asyncio.to_thread(read_of_key, apache, "notes", b"a", 3)
    assert read == [b"1", b"2", b"3"]


async def test_apache_kafka_obeys_a_topic_s_configuration_and_makes_no_topic_unasked(
    apache: KafkaServer,
) -> None:
    apache.create_topic("small", 1, {"max.message.bytes": "100"})
    async with producing(apache) as producer:
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait("small", b"x" * 1_000)
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait("missing", b"x")
    with pytest.raises(KafkaException, match="TOPIC_ALREADY_EXISTS"):
        apache.create_topic("small")


async def test_without_java_there_is_a_mock_cluster(mock: KafkaServer) -> None:
    assert mock.kind == "mock"
    mock.create_topic("notes", 3)
    async with producing(mock) as producer:
        await producer.send_and_wait("notes", b"1", key=b"a")
        assert await producer.partitions_for("notes") == {0, 1, 2}
        mock.pause()
        with pytest.raises(KafkaError):
            await producer.send_and_wait("notes", b"unheard", partition=2)
        mock.resume()
        await producer.send_and_wait("notes", b"2", key=b"a")
    assert await asyncio.to_thread(read_of_key, mock, "notes", b"a", 2) == [b"1", b"2"]


def test_the_mock_cluster_says_what_it_cannot_do(mock: KafkaServer) -> None:
    mock.create_topic("notes")
    with pytest.raises(ServerFailed, match="already"):
        mock.create_topic("notes")
    with pytest.raises(ServerFailed, match="no configuration"):
        mock.create_topic("small", 1, {"max.message.bytes": "100"})
    mock.kill()
    with pytest.raises(ServerFailed, match="neither its data nor its port"):
        mock.start()


def test_where_the_real_kafka_is_demanded_nothing_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv(kafka.DEMANDED, "1")
    with pytest.raises(apache_kafka.NoApacheKafka, match="java"), start_kafka():
        pass


def test_where_maven_fails_there_is_a_mock_cluster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if NO_APACHE:
        pytest.skip(NO_APACHE)
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho no network; exit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(cache, "CACHE", tmp_path / "cache")
    monkeypatch.delenv(kafka.DEMANDED, raising=False)
    with start_kafka() as server:
        assert server.kind == "mock"
    assert "no network" in capsys.readouterr().err


@asynccontextmanager
async def producing(server: KafkaServer) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=server.bootstrap_servers,
        acks="all",
        request_timeout_ms=2_000,
        metadata_max_age_ms=1_000,
    ) as producer:
        yield producer


def read_of_key(server: KafkaServer, topic: str, key: bytes, count: int) -> list[bytes | None]:
    """Give so many values of a key, read by a group of one, as librdkafka's consumers do."""
    consumer = Consumer(
        {
            "bootstrap.servers": server.bootstrap_servers,
            "group.id": "readers",
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    consumer.subscribe([topic])
    values: list[bytes | None] = []
    deadline = time.monotonic() + 20
    while len(values) < count and time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message and not message.error() and message.key() == key:
            values.append(message.value())
    consumer.close()
    return values
