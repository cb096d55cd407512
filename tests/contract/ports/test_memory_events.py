"""The memory adapter's events, on a file in the place of standard output."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.outbound.memory import MemoryEventsSettings
from orderport import Environment, Message
from orderport.testing import EventsKit
from orderport.testing.events.topic import Messages


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events") / "events"


@pytest.fixture(scope="module")
def settings(file: Path) -> Iterator[MemoryEventsSettings]:
    with file.open("ab") as taking:
        yield MemoryEventsSettings("orders", taking.fileno())


@pytest.fixture(scope="module")
def messages(file: Path) -> Messages:
    def read() -> list[Message]:
        return [parse(line) for line in file.read_bytes().split(b"\n")[:-1]]

    async def messages() -> Sequence[Message]:
        return read()

    return messages


def parse(line: bytes) -> Message:
    message = json.loads(line)
    assert message["topic"] == "orders"
    headers = tuple((name, text.encode()) for name, text in message["headers"].items())
    value = line.partition(b'"value":')[2].removesuffix(b"}")
    return Message(0, 0, 0, message["key"].encode(), headers, value)


@pytest.mark.parametrize(
    ("environment", "topic"), [({}, "orders"), ({"ORDERPORT_KAFKA_TOPIC": "shop"}, "shop")]
)
def test_the_topic_can_be_named(environment: Environment, topic: str) -> None:
    assert MemoryEventsSettings.from_environment(environment) == MemoryEventsSettings(topic, 1)


class TestOnAFullPipe(EventsKit):
    """Out of reach is a pipe that nobody reads."""

    @pytest.fixture
    def out_of_reach(self) -> Iterator[MemoryEventsSettings]:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writer, bytes(65_536))
        os.set_blocking(writer, True)
        yield MemoryEventsSettings("orders", writer, seconds=0.01)
        os.close(reader)
        os.close(writer)


class TestOnAClosedPipe(EventsKit):
    """Out of reach is a pipe whose reader has gone."""

    @pytest.fixture
    def out_of_reach(self) -> Iterator[MemoryEventsSettings]:
        reader, writer = os.pipe()
        os.close(reader)
        yield MemoryEventsSettings("orders", writer)
        os.close(writer)
