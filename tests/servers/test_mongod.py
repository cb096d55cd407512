import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient, MongoClient, WriteConcern, timeout
from pymongo.errors import NetworkTimeout

from tests.servers import MongoServer, describe, mongod, start_mongod


@pytest.fixture(params=[0, 1], ids=["standalone", "replica set"])
def mongo(request: pytest.FixtureRequest) -> Iterator[MongoServer]:
    with start_mongod(request.param) as server:
        yield server


async def test_a_mongod_falls_silent_revives_and_comes_back_with_its_data(
    mongo: MongoServer,
) -> None:
    async with AsyncMongoClient[dict[str, int]](mongo.uri, timeoutMS=10_000) as client:
        notes = client.get_database("test").get_collection("notes")
        await notes.insert_one({"_id": 1})

        mongo.pause()
        with pytest.raises(NetworkTimeout), timeout(0.5):
            await notes.find_one()
        mongo.resume()
        assert await notes.find_one() == {"_id": 1}

        journaled = notes.with_options(write_concern=WriteConcern(j=True))
        await journaled.insert_one({"_id": 2})
        mongo.kill()
        await asyncio.to_thread(mongo.start)
        assert await notes.count_documents({}) == 2

        await asyncio.to_thread(mongo.stop)
        assert not mongo.processes[0].running
        await asyncio.to_thread(mongo.start)
        assert await notes.count_documents({}) == 2


def test_another_node_becomes_primary() -> None:
    with start_mongod(3) as server, MongoClient[dict[str, int]](server.uri) as client:
        notes = client.get_database("test").get_collection(
            "notes", write_concern=WriteConcern("majority")
        )
        notes.insert_one({"_id": 1})
        killed = server.primary()
        killed.kill()
        notes.insert_one({"_id": 2})
        assert server.primary() is not killed
        killed.start()
        assert notes.count_documents({}) == 2


def test_a_mongod_on_the_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mongod").symlink_to(mongod.find_mongod())
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with start_mongod(0) as server:
        assert server.kind == "path"
        assert server.processes[0].command[0] == tmp_path / "mongod"
    assert str(tmp_path / "mongod") in describe()[0]
