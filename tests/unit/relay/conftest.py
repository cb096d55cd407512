import pytest

from tests.doubles.world import Process, World


@pytest.fixture
def me(world: World) -> Process:
    """A process that relays what it writes itself, and does not scan."""
    return world.process("me")
