"""`orderport events`: what operators see of the events that wait, and what they do about them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from adapters.outbound.system import new_id
from bootstrap.printing import MOST_ROWS
from core.domain.events import OrderEvent, to_rfc3339
from tests.contract.events.topic import Received, read
from tests.harness.on_servers import settings_for
from tests.processes.desk import REASON, WHO, Desk, Ended, documents, moment, open_desk, rows
from tests.servers import KafkaServer, MongoServer

NOWHERE = "127.0.0.1:1"
"""Nobody listens there."""
LONG_AGO = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def desk(mongo_server: MongoServer, kafka_server: KafkaServer) -> AsyncIterator[Desk]:
    async with open_desk(settings_for(mongo_server, kafka_server)) as opened:
        yield opened


def complaint(ended: Ended) -> str:
    """Give the one line that a command had to say, which failed and did nothing."""
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    return line.removeprefix("orderport: ")


async def test_what_waits_and_what_is_set_aside_is_listed(desk: Desk) -> None:
    (abandoned,) = await desk.place(ago=LONG_AGO)
    refused = await desk.set_aside(versions=3)
    taken, _ = await desk.place(versions=2)
    await desk.deliver()
    pending, failed, pending_lines, failed_lines = await asyncio.gather(
        desk.run("events", "pending"),
        desk.run("events", "failed"),
        desk.run("events", "pending", "--json"),
        desk.run("events", "failed", "--json"),
    )
    assert [ended.returncode for ended in (pending, failed, pending_lines, failed_lines)] == [0] * 4

    old, set_aside, leased = rows(pending)  # the oldest first
    assert old == [abandoned.order_id, "1", made(abandoned), "to be taken up"]
    assert set_aside == [refused[0].order_id, "1 to 3", made(refused[0]), f"set aside: {REASON}"]
    assert leased[:3] == [taken.order_id, "1 to 2", made(taken)]
    assert leased[3].startswith(f"with process {WHO} until ")
    assert pending.stderr == "orders of which events wait: 3\n"

    by_id = {found["order_id"]: found for found in documents(pending_lines)}
    assert set(by_id) == {abandoned.order_id, refused[0].order_id, taken.order_id}
    lease = by_id[taken.order_id]["lease"]
    assert by_id[taken.order_id] == {
        "order_id": taken.order_id,
        "first_version": 1,
        "last_version": 2,
        "count": 2,
        "since": made(taken),
        "failure": None,
        "lease": {"who": WHO, "until": lease["until"]},
    }
    assert moment(lease["until"]) > taken.change.time

    (row,) = rows(failed)
    (found,) = documents(failed_lines)
    at = found["failure"]["at"]
    assert row == [refused[0].order_id, "1", at, "4", "2", REASON]
    assert found["failure"] == {"version": 1, "reason": REASON, "at": at, "tries": 4}
    assert found["lease"] is None
    assert found == by_id[refused[0].order_id]
    assert failed.stderr == "orders that are set aside: 1\n"


def made(event: OrderEvent) -> str:
    return to_rfc3339(event.change.time)


async def test_of_many_orders_that_wait_the_oldest_are_shown_and_all_are_counted(
    desk: Desk,
) -> None:
    young = MOST_ROWS + 110
    await asyncio.gather(*(desk.place() for _ in range(young)))
    old = [(await desk.place(ago=LONG_AGO - number * SECOND))[0].order_id for number in range(3)]
    pending = await desk.run("events", "pending")
    shown = [order_id for order_id, *_ in rows(pending)]
    assert (len(shown), shown[:3]) == (MOST_ROWS, old)
    assert pending.stderr == (
        f"orders of which events wait: {young + 3}; only the first {MOST_ROWS} are shown, --json lists all\n"
    )


async def test_where_nothing_waits_the_commands_say_so(desk: Desk) -> None:
    pending, lines, failed, retried, replayed = await asyncio.gather(
        desk.run("events", "pending"),
        desk.run("events", "pending", "--json"),
        desk.run("events", "failed"),
        desk.run("events", "retry", "--all"),
        desk.run("events", "replay", "--since", "2020-01-01T00:00:00Z", "--json"),
    )
    for ended in (pending, lines, failed):
        assert (ended.returncode, ended.stdout) == (0, "")
    assert pending.stderr == "orders of which events wait: 0\n"
    assert (lines.stderr, failed.stderr) == ("", "orders that are set aside: 0\n")
    assert complaint(retried) == "no order is set aside"
    assert (replayed.returncode, replayed.stdout) == (1, "")
    assert replayed.stderr.endswith("orderport: no order has changed since then\n")


async def test_ids_that_do_not_fit_are_told_in_a_line(desk: Desk) -> None:
    (waiting,) = await desk.place()
    unknown = str(new_id())
    no_id = "id must be 24 hexadecimal digits"
    nothing = f"order {waiting.order_id} is not set aside"
    expected = {
        ("retry", unknown): "there is no such order",
        ("retry", waiting.order_id): nothing,
        ("discard", "12"): no_id,
        ("discard", waiting.order_id, "--yes"): nothing,
        ("replay", "--order", "x" * 24): no_id,
        ("replay", "--order", unknown): "there is no such order",
    }
    ended = await asyncio.gather(*(desk.run("events", *arguments) for arguments in expected))
    assert [complaint(one) for one in ended] == list(expected.values())


async def test_servers_that_are_away_and_settings_that_cannot_work_are_told_in_a_line(
    desk: Desk,
) -> None:
    (event,) = await desk.deliver()
    no_storage = {"ORDERPORT_MONGO_URI": f"mongodb://{NOWHERE}"}
    no_events = {"ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": NOWHERE}
    storage_away, no_topic, unsent, unread, in_memory, unreadable = await asyncio.gather(
        desk.run("events", "pending", **no_storage),
        desk.run("verify-events", ORDERPORT_KAFKA_TOPIC="absent"),
        desk.run("events", "replay", "--order", event.order_id, **no_events),
        desk.run("verify-events", **no_events),
        desk.run("events", "failed", ORDERPORT_STORAGE="memory"),
        desk.run("verify-events", ORDERPORT_EVENTS="memory"),
    )
    assert complaint(storage_away) == (
        "storage is unavailable: no server that takes writes can be reached"
    )
    assert complaint(no_topic) == "events are unavailable: topic absent does not exist"
    for ended in (unsent, unread):
        assert complaint(ended) == "events are unavailable: the broker cannot be reached"
    assert complaint(in_memory).startswith("ORDERPORT_STORAGE: ")
    assert complaint(unreadable).startswith("ORDERPORT_EVENTS: ")


async def test_a_discard_asks_whoever_is_there(desk: Desk) -> None:
    events = await desk.set_aside(versions=2)
    order_id = events[0].order_id
    nobody, no, interrupted = await asyncio.gather(
        desk.run("events", "discard", order_id),
        desk.run_on_terminal("events", "discard", order_id, keys="\n"),
        desk.run_on_terminal("events", "discard", order_id, keys="\x03"),
    )
    assert complaint(nobody) == "nobody can be asked here: discard with --yes"
    assert f"Version 1 of order {order_id} was refused ({REASON})." in no.stderr
    assert (no.returncode, no.stdout, interrupted.returncode) == (1, "", 130)
    assert await waiting(desk, order_id) == (1, 2)
    yes = await desk.run_on_terminal("events", "discard", order_id, "--json", keys="y\n")
    assert (yes.returncode, documents(yes)) == (0, [{"order_id": order_id, "version": 1}])
    assert await waiting(desk, order_id) == (2,)


async def waiting(desk: Desk, order_id: str) -> Sequence[int]:
    """Give the versions that wait, of an order that is set aside or was until now."""
    (found,) = [
        one async for one in desk.storage.backlog.orders() if one.latest.order_id == order_id
    ]
    return found.waiting


async def test_what_is_retried_or_discarded_is_no_longer_set_aside(desk: Desk) -> None:
    one, given_up, *others = [(await desk.set_aside(versions=2))[0].order_id for _ in range(4)]
    retried, discarded = await asyncio.gather(
        desk.run("events", "retry", one.upper()),
        desk.run("events", "discard", given_up, "--yes"),
    )
    assert (retried.returncode, retried.stdout) == (0, f"order {one} is tried again\n")
    assert (discarded.returncode, discarded.stdout) == (
        0,
        f"version 1 of order {given_up} is discarded\n",
    )
    assert f"event 1 of order {given_up} is discarded, later ones follow" in discarded.stderr
    rest = await desk.run("events", "retry", "--all", "--json")
    assert rest.returncode == 0
    assert sorted(documents(rest), key=str) == [{"order_id": order_id} for order_id in others]
    assert not [found async for found in desk.storage.backlog.failed()]
    assert len([found async for found in desk.storage.backlog.waiting()]) == 4


async def test_a_replay_sends_the_latest_event_again_byte_for_byte(
    desk: Desk, kafka_server: KafkaServer
) -> None:
    delivered = [await desk.deliver(versions=2), await desk.deliver(versions=1)]
    (behind,) = await desk.place()
    (aside,) = await desk.set_aside()
    since = made(delivered[0][-1])
    first, unsent, all_since = await asyncio.gather(
        desk.run("events", "replay", "--order", delivered[0][0].order_id),
        desk.run("events", "replay", "--order", behind.order_id),
        desk.run("events", "replay", "--since", since, "--json"),
    )
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr == "1 sent, 0 waiting, 0 discarded, 0 refused\n"
    assert unsent.returncode == 1
    assert rows(unsent) == [[behind.order_id, "1", "waiting"]]
    assert all_since.returncode == 0
    assert {found["order_id"]: found["fate"] for found in documents(all_since)} == {
        delivered[0][0].order_id: "sent",
        delivered[1][0].order_id: "sent",
        behind.order_id: "waiting",
        aside.order_id: "waiting",
    }
    messages = await messages_of(desk, kafka_server, 6)
    for events, repeats in zip(delivered, (3, 2), strict=True):
        key = events[0].order_id.encode()
        of_order = [message for message in messages if message.key == key]
        assert of_order == [*of_order[: len(events)], *[of_order[len(events) - 1]] * (repeats - 1)]
        assert [message.value for message in of_order[: len(events)]] == [
            event.change.value for event in events
        ]


async def messages_of(desk: Desk, kafka: KafkaServer, count: int) -> Sequence[Received]:
    topic = desk.settings["ORDERPORT_KAFKA_TOPIC"]
    return await asyncio.to_thread(read, kafka.bootstrap_servers, topic, count)
