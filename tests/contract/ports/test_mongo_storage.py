from secrets import token_hex

import pytest

from adapters.outbound.mongo import MongoSettings
from orderport.testing import StorageKit
from tests.servers import MongoServer


@pytest.fixture(scope="module")
def settings(mongo_server: MongoServer) -> MongoSettings:
    return MongoSettings(mongo_server.uri, f"ports_{token_hex(4)}")


class TestMongoStorage(StorageKit):
    out_of_reach = MongoSettings("mongodb://127.0.0.1:1", "orderport", 0.5, preparing_seconds=0.5)
