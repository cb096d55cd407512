"""What becomes of events when the server is away, or takes none."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, cast

import pytest
from redis import Redis, exceptions

from orderport import (
    Change,
    EventsUnavailable,
    EventType,
    Id,
    OrderEvent,
    Outcome,
    Receipt,
)
from orderport_redis import RedisPublisher, RedisSettings
from orderport_redis.errors import describe

TAKEN = Receipt(Outcome.ACKNOWLEDGED)
SECONDS = 0.5


class Server(Protocol):
    """The server that the fixture `redis_server` lends."""

    url: str
    ours: bool

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


@pytest.fixture
def own_server(redis_server: Server) -> Server:
    """The same, where it may be frozen and killed."""
    if not redis_server.ours:
        pytest.skip("the server was given")
    return redis_server


@pytest.fixture
def settings(redis_server: Server) -> RedisSettings:
    return RedisSettings(redis_server.url, f"orders {secrets.token_hex(4)}", SECONDS)


@pytest.fixture
async def publisher(settings: RedisSettings) -> AsyncIterator[RedisPublisher]:
    async with settings.open() as publisher:
        assert await publisher.publish([an_event()]) == [TAKEN]
        await publisher.check()
        yield publisher


@pytest.fixture
def client(redis_server: Server) -> Iterator[Redis]:
    with Redis.from_url(redis_server.url) as client:
        yield client


def an_event(size: int = 100) -> OrderEvent:
    """Make an event with a value of so many bytes."""
    change = Change(EventType.CREATED, datetime(2026, 1, 1, tzinfo=UTC), None, b"x" * size)
    return OrderEvent(Id(secrets.token_hex(12)), 1, change)


def on(stream: str, client: Redis) -> list[dict[bytes, bytes]]:
    """Give the fields of all entries."""
    entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(stream))
    return [fields for _, fields in entries]


async def reasons(publisher: RedisPublisher, *events: OrderEvent) -> tuple[str, str]:
    """Publish where nothing can be published: give the reason of the receipts, and that of the check."""
    (receipt, *others) = await publisher.publish(events)
    assert receipt.outcome is Outcome.UNKNOWN
    assert others == [receipt] * len(others)
    with pytest.raises(EventsUnavailable) as error:
        await publisher.check()
    return receipt.reason, str(error.value)


@contextmanager
def configured(client: Redis, name: str, value: str) -> Iterator[None]:
    """Set a parameter of the server for a while."""
    before = str(client.config_get(name)[name])
    client.config_set(name, value)
    try:
        yield
    finally:
        client.config_set(name, before)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("maxmemory", "1", "the server has no memory left"),
        ("min-replicas-to-write", "1", "too few replicas are connected"),
    ],
)
async def test_a_server_that_takes_nothing_now_is_an_outage_until_it_does(
    publisher: RedisPublisher, client: Redis, name: str, value: str, reason: str
) -> None:
    with configured(client, name, value):
        assert await reasons(publisher, an_event(), an_event()) == (reason, reason)
    await publisher.check()
    assert await publisher.publish([an_event()]) == [TAKEN]


async def test_a_replica_is_an_outage(publisher: RedisPublisher, client: Redis) -> None:
    reason = "the server is a replica, and takes no writes"
    client.replicaof("127.0.0.1", "1")
    try:
        assert await reasons(publisher, an_event()) == (reason, reason)
    finally:
        client.replicaof("NO", "ONE")


async def test_a_key_that_holds_something_else_is_an_outage(
    publisher: RedisPublisher, settings: RedisSettings, client: Redis
) -> None:
    client.set(settings.stream, "something else")
    reason = f"{settings.stream} is no stream"
    assert await reasons(publisher, an_event()) == (reason, reason)
    client.delete(settings.stream)
    assert await publisher.publish([an_event()]) == [TAKEN]


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        ("limited:secret", "no right to use stream orders"),
        ("limited:wrong", "the server refuses the credentials"),
        ("nobody:secret", "the server refuses the credentials"),
    ],
)
async def test_rights_that_do_not_suffice_are_an_outage(
    redis_server: Server, client: Redis, user: str, reason: str
) -> None:
    client.acl_setuser(
        "limited", enabled=True, passwords=["+secret"], keys=["*"], commands=["+@read"]
    )
    url = redis_server.url.replace("redis://", f"redis://{user}@")
    async with RedisSettings(url, "orders", SECONDS).open() as publisher:
        assert await reasons(publisher, an_event()) == (reason, reason)
    client.acl_deluser("limited")


async def test_a_check_leaves_no_trace(settings: RedisSettings, client: Redis) -> None:
    async with settings.open() as publisher:
        await publisher.check()
        assert not client.exists(settings.stream)
        client.xgroup_create(settings.stream, "consumers", mkstream=True)
        await publisher.check()
        assert client.xlen(settings.stream) == 0


async def test_a_frozen_server_costs_neither_more_than_the_time_it_has_nor_an_event(
    publisher: RedisPublisher, own_server: Server, settings: RedisSettings, client: Redis
) -> None:
    events = [an_event() for _ in range(3)]
    own_server.pause()
    began = time.monotonic()
    reason = "the server does not answer in time"
    assert await reasons(publisher, *events) == (reason, reason)
    assert time.monotonic() - began < 2 * SECONDS + 1
    own_server.resume()
    assert await publisher.publish(events) == [TAKEN] * 3
    # What was sent before may be there as well: the same bytes, with the same `ce_id`.
    entries = on(settings.stream, client)
    for event in events:
        of_event = [fields for fields in entries if fields[b"key"] == event.order_id.encode()]
        assert of_event == [of_event[0]] * len(of_event)
        assert of_event[0][b"value"] == event.change.value


async def test_what_was_acknowledged_is_there_when_the_server_is_killed_and_comes_back(
    publisher: RedisPublisher, own_server: Server, settings: RedisSettings, client: Redis
) -> None:
    event = an_event()
    assert await publisher.publish([event]) == [TAKEN]
    own_server.kill()
    reason = "the server cannot be reached"
    assert await reasons(publisher, event) == (reason, reason)
    await asyncio.to_thread(own_server.start)
    await publisher.check()
    keys = [fields[b"key"] for fields in on(settings.stream, client)]
    assert event.order_id.encode() in keys


async def test_a_call_that_is_given_up_spoils_no_later_one(
    publisher: RedisPublisher, own_server: Server
) -> None:
    own_server.pause()
    given_up = asyncio.create_task(publisher.publish([an_event()]))
    await asyncio.wait({given_up}, timeout=SECONDS / 10)
    given_up.cancel()
    await asyncio.wait({given_up})
    own_server.resume()
    await publisher.check()
    for count in (1, 3, 2):
        assert await publisher.publish([an_event() for _ in range(count)]) == [TAKEN] * count


async def test_what_is_too_large_is_refused_and_what_comes_with_it_is_taken(
    publisher: RedisPublisher, client: Redis
) -> None:
    # The least that a server can be set to take, which cuts the connection where more comes.
    with configured(client, "proto-max-bulk-len", str(1_048_576)):
        largest, larger = an_event(1_048_576), an_event(1_048_577)
        receipts = await publisher.publish([an_event(), larger, largest])
    assert [receipt.outcome for receipt in receipts] == [
        Outcome.ACKNOWLEDGED,
        Outcome.REFUSED,
        Outcome.ACKNOWLEDGED,
    ]
    assert receipts[1].reason


async def test_messages_that_were_trimmed_keep_their_offsets(
    publisher: RedisPublisher, settings: RedisSettings, client: Redis
) -> None:
    await publisher.publish([an_event() for _ in range(9)])
    async with settings.open_log() as log:
        ends = await log.ends()
        client.xtrim(settings.stream, maxlen=4, approximate=False)
        messages = [message for some in [m async for m in log.read(ends)] for message in some]
    assert ends == {0: 10}
    assert [message.offset for message in messages] == [6, 7, 8, 9]


async def test_messages_of_others_are_read_as_they_are(
    settings: RedisSettings, client: Redis
) -> None:
    client.xadd(settings.stream, {"note": "something else"})
    client.xadd(settings.stream, {"key": "k", "headers": "[1]", "value": "v"})
    client.xadd(settings.stream, {"key": b"\xff", "headers": "no JSON"})
    async with settings.open_log() as log:
        messages = [message for some in [m async for m in log.read({0: 3})] for message in some]
    assert [(message.key, message.headers, message.value) for message in messages] == [
        (b"", (), b""),
        (b"k", (), b"v"),
        (b"\xff", (), b""),
    ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (exceptions.BusyLoadingError("dataset"), "the server is still reading what it keeps"),
        (exceptions.ResponseError("MISCONF disk"), "the server cannot write to its disk"),
        (exceptions.ResponseError("NEWS of tomorrow"), "the server refuses: NEWS"),
        (exceptions.ConnectionError("10.0.0.1:6379"), "the server cannot be reached"),
        (OSError("10.0.0.1:6379"), "the server cannot be reached"),
    ],
)
def test_errors_are_described_in_words_of_our_own(error: Exception, reason: str) -> None:
    assert describe(error, "orders") == reason
