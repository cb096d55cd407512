import pytest

from adapters.outbound.memory import MemoryStorage
from core.use_cases.relay import Relay
from tests.doubles.clock import CountedIds
from tests.doubles.passwords import CountingHasher
from tests.doubles.world import World


@pytest.fixture
def storage(world: World) -> MemoryStorage:
    return world.storage


@pytest.fixture
def relay(world: World) -> Relay:
    return world.process("me").relay


@pytest.fixture
def passwords() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def new_id() -> CountedIds:
    return CountedIds()
