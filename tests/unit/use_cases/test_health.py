import asyncio

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import StorageUnavailable
from core.use_cases.health import CheckHealth, Health
from tests.doubles.clock import settled
from tests.doubles.publisher import ACKNOWLEDGED, UNKNOWN, ScriptedPublisher
from tests.doubles.world import World


class StorageAway(MemoryStorage):
    async def check(self) -> None:
        raise StorageUnavailable("no server answers")


class SilentStorage(MemoryStorage):
    async def check(self) -> None:
        await asyncio.Event().wait()


class SilentPublisher(ScriptedPublisher):
    async def check(self) -> None:
        await asyncio.Event().wait()


async def test_all_is_well(world: World) -> None:
    check = CheckHealth(world.storage, world.publisher, world.process().relay)
    assert await check() == Health(storage_down=None, events_degraded=None)


async def test_what_is_down_is_told_with_its_reason(world: World) -> None:
    world.publisher.down = "no broker answers"
    check = CheckHealth(StorageAway(), world.publisher, world.process().relay)
    assert await check() == Health("no server answers", "no broker answers")


async def test_what_does_not_answer_in_time_is_down(world: World) -> None:
    check = CheckHealth(SilentStorage(), SilentPublisher(), world.process().relay, seconds=0.001)
    assert await check() == Health("no answer in time", "no answer in time")


async def test_events_are_degraded_as_long_as_the_relay_cannot_deliver(world: World) -> None:
    process = world.running()
    check = CheckHealth(world.storage, world.publisher, process.relay)
    world.publisher.outcome = lambda _: UNKNOWN
    world.publisher.reason = "not enough replicas"
    await process.create()
    await settled()
    assert await check() == Health(None, "not enough replicas")

    world.publisher.outcome = lambda _: ACKNOWLEDGED
    await world.clock.run(1.0)
    assert await check() == Health(None, None)
