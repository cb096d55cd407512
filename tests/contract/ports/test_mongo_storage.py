from secrets import token_hex

import pytest

from adapters.outbound.mongo import MongoSettings
from orderport.testing import StorageKit
from tests.servers import MongoServer


@pytest.fixture(scope="module")
def settings(mongo_server: MongoServer) -> MongoSettings:
    return MongoSettings(mongo_server.uri, f"ports_{token_hex(4)}")


@pytest.fixture(scope="module")
def out_of_reach() -> MongoSettings:
    return MongoSettings("mongodb://127.0.0.1:1", "orderport", seconds=0.5, preparing_seconds=0.5)


class TestMongoStorage(StorageKit):
    pass
