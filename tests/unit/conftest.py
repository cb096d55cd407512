from collections.abc import AsyncIterator

import pytest

from tests.doubles.clock import ManualClock
from tests.doubles.publisher import ScriptedPublisher
from tests.doubles.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    for process in world.processes:
        await process.relay.stop(0)


@pytest.fixture
def publisher(world: World) -> ScriptedPublisher:
    return world.publisher


@pytest.fixture
def clock(world: World) -> ManualClock:
    return world.clock
