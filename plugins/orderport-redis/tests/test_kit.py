import pytest

from orderport.testing import EventsKit
from orderport_redis import RedisSettings


@pytest.fixture(scope="module")
def settings(redis_url: str) -> RedisSettings:
    return RedisSettings(redis_url, "kit")


@pytest.fixture(scope="module")
def out_of_reach() -> RedisSettings:
    return RedisSettings("redis://127.0.0.1:1", "kit")


class TestRedis(EventsKit): ...
