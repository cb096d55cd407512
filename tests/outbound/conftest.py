from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from adapters.outbound.mongo import MongoSettings, MongoStorage
from tests.servers import MongoServer


@pytest.fixture(scope="module")
def settings(mongo_server: MongoServer) -> MongoSettings:
    return MongoSettings(mongo_server.uri, f"test_{token_hex(4)}", seconds=1.0)


@pytest.fixture
async def storage(settings: MongoSettings) -> AsyncIterator[MongoStorage]:
    async with settings.open() as storage:
        await storage.prepare()
        yield storage


@pytest.fixture
async def raw(settings: MongoSettings) -> AsyncIterator[Any]:
    async with AsyncMongoClient[dict[str, Any]](settings.uri, tz_aware=True) as client:
        yield client[settings.database]
