"""The kit on each broken storage: test_broken_adapters.py runs this."""

import pytest
from hypothesis import Phase
from hypothesis import settings as settings_of_hypothesis

from orderport.testing import StorageKit
from tests.kit.broken.storages import AWAY, BROKEN, BrokenStorageSettings

# The same examples each time, and the first that fails is enough.
settings_of_hypothesis.register_profile(
    "find", max_examples=400, phases=[Phase.generate], derandomize=True, database=None
)
settings_of_hypothesis.load_profile("find")


@pytest.fixture(scope="module", params=BROKEN)
def settings(request: pytest.FixtureRequest) -> BrokenStorageSettings:
    settings, _ = BROKEN[request.param]
    return settings


class TestBrokenStorages(StorageKit):
    out_of_reach = AWAY
