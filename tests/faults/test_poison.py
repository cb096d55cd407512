"""An event that the broker refuses for good is set aside and holds up nothing else; operators see it and mend it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # they are public, and not marked so
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from adapters.outbound.mongo import MongoSettings
from adapters.outbound.system import SystemClock
from core.domain.events import Change, EventType
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.ports.storage import LEASE
from core.use_cases.relay.flights import MOST_REFUSALS
from tests.faults.deployment import POLL_SECONDS, Deployment, deployed
from tests.faults.history import Request, Told, event_id
from tests.servers import KafkaServer, MongoServer

LARGEST_BATCH_BYTES = 16_000
OTHERS = 20
SECONDS = 20.0


@asynccontextmanager
async def on_apache_kafka(
    mongo: MongoServer, kafka: KafkaServer, *, limit: int = 1_000_000
) -> AsyncIterator[Deployment]:
    """Make a deployment whose topic has one partition and takes record batches of so many bytes."""
    if kafka.kind == "mock":
        pytest.skip("this Kafka knows neither limits nor rights")
    async with deployed(mongo, kafka, topic_exists=False) as made:
        configs = {"max.message.bytes": str(limit)}
        await asyncio.to_thread(kafka.create_topic, made.topic, 1, configs)
        yield made


async def leave_behind(deployment: Deployment, *sizes: int) -> Sequence[str]:
    """Store orders of so many items, as a process that has died would have; the next one claims them together."""
    made = SystemClock().now() - 2 * LEASE
    async with MongoSettings.from_environment(deployment.settings).open() as storage:
        await storage.prepare()
        for size in sizes:
            # Of products without any likeness, so that compression helps nothing.
            items = tuple(Item(Id(token_hex(12)), 1) for _ in range(size))
            order = Order(Id(token_hex(12)), Id(token_hex(12)), Decimal(1), items, token_hex(8))
            change = Change(EventType.CREATED, made, None, order.to_json())
            await storage.orders.add(order, change, "gone")
            deployment.clients.requests.append(Request(order.status, Told.DONE, order.id, 1))
    return [str(request.order_id) for request in deployment.clients.requests]


async def until_only(deployment: Deployment, *, waiting: int, failed: int) -> None:
    """Wait until of so many orders something waits, and that many of them are set aside."""

    async def is_so() -> bool:
        now_failed = await deployment.orders.count_documents({"failed": {"$exists": True}})
        return (waiting, failed) == (await deployment.waiting(), now_failed)

    async with asyncio.timeout(SECONDS):
        while not await is_so():  # noqa: ASYNC110 - storage gives no sign
            await asyncio.sleep(POLL_SECONDS)


def sends(deployment: Deployment, order_id: str) -> int:
    """Count how often the first event of an order was sent."""
    return deployment.journal.read_text().count(f" sending {event_id(order_id, 1)}\n")


async def administer(
    deployment: Deployment, ask: Callable[[AdminClient], Mapping[Any, Future[Any]]]
) -> None:
    """Ask the broker for a change, and wait until it is made."""
    admin = AdminClient({"bootstrap.servers": deployment.kafka.bootstrap_servers, "log_level": 0})
    for asked in ask(admin).values():
        await asyncio.to_thread(asked.result)


async def lift_limit(deployment: Deployment) -> None:
    """Let the topic take large events."""
    limit = ConfigEntry("max.message.bytes", "1000000", incremental_operation=AlterConfigOpType.SET)
    topic = ConfigResource(ConfigResource.Type.TOPIC, deployment.topic, incremental_configs=[limit])
    await administer(deployment, lambda admin: admin.incremental_alter_configs([topic]))


async def test_what_is_refused_for_good_holds_up_nothing_else_and_can_be_discarded_or_retried(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with on_apache_kafka(mongo_server, kafka_server, limit=LARGEST_BATCH_BYTES) as deployment:
        large = await leave_behind(deployment, *[1_000] * 2)
        await leave_behind(deployment, *[1] * OTHERS)
        await deployment.start()
        (service,) = deployment.services
        clients = deployment.clients
        await clients.get_ready(service.url)
        await until_only(deployment, waiting=2, failed=2)
        assert [sends(deployment, order_id) for order_id in large] == [MOST_REFUSALS] * 2
        for order_id in large:
            (line,) = service.log_lines(f"event 1 of order {order_id} is refused for good")
            assert " ERROR " in line
        for order_id in [*large, *large]:
            await clients.update(service.url, order_id)
        await clients.create(service.url)
        await until_only(deployment, waiting=2, failed=2)
        await check_what_is_shown(deployment, large)

        kept, given_up = large
        discarded = await deployment.operate("events", "discard", given_up, "--yes")
        assert discarded.returncode == 0
        assert f"event 1 of order {given_up} is discarded, later ones follow" in discarded.stderr
        await until_only(deployment, waiting=1, failed=1)
        await lift_limit(deployment)
        assert (await deployment.operate("events", "retry", kept)).returncode == 0
        await deployment.drain(SECONDS)
        await check_what_was_sent(deployment, given_up)


async def check_what_is_shown(deployment: Deployment, large: Sequence[str]) -> None:
    """Hold `events failed` to what happened."""
    table, lines = await asyncio.gather(
        deployment.operate("events", "failed"), deployment.operate("events", "failed", "--json")
    )
    reason = f"too large for topic {deployment.topic}"
    assert table.stdout.count(reason) == 2
    found = [json.loads(line) for line in lines.stdout.splitlines()]
    assert {one["order_id"] for one in found} == set(large)
    for one in found:
        failure = one["failure"]
        assert one["order_id"] in table.stdout
        assert (one["first_version"], one["last_version"]) == (1, 3)
        assert (failure["version"], failure["reason"]) == (1, reason)
        assert failure["tries"] == MOST_REFUSALS
        since, at = (datetime.fromisoformat(time) for time in (one["since"], failure["at"]))
        assert since < at <= SystemClock().now()


async def check_what_was_sent(deployment: Deployment, given_up: str) -> None:
    """Hold the topic, and what `verify-events` says of it, to all that clients were told but the one event."""
    gap = event_id(given_up, 1)
    verdict = await deployment.verdict()
    print(verdict)
    assert verdict.lost == [f"{gap} is stored and was never delivered"]
    assert verdict.reordered == [f"{event_id(given_up, 2)} came first after 0"]
    assert len(verdict.faults) == 2
    verified = await deployment.operate("verify-events", "--json")
    found = json.loads(verified.stdout)
    assert (verified.returncode, found["agrees"]) == (0, True)
    assert found["discarded"] == {"count": 1, "events": [gap]}


async def test_missing_rights_are_an_outage_and_set_nothing_aside(
    mongo_server: MongoServer, kafka_server: KafkaServer
) -> None:
    async with on_apache_kafka(mongo_server, kafka_server) as deployment:
        (order_id,) = await leave_behind(deployment, 1)
        rule = (
            *(ResourceType.TOPIC, deployment.topic, ResourcePatternType.LITERAL),
            *("User:*", "*", AclOperation.WRITE, AclPermissionType.DENY),
        )
        await administer(deployment, lambda admin: admin.create_acls([AclBinding(*rule)]))
        await deployment.start()
        (service,) = deployment.services
        await asyncio.to_thread(
            service.wait_for, lambda: sends(deployment, order_id) > MOST_REFUSALS
        )
        (line,) = service.log_lines("events wait")
        assert f"no right to write to topic {deployment.topic}" in line
        await until_only(deployment, waiting=1, failed=0)
        await administer(deployment, lambda admin: admin.delete_acls([AclBindingFilter(*rule)]))
        await deployment.drain(SECONDS)
        assert not (await deployment.verdict()).faults
