"""A MongoDB for tests: the one that is given, a `mongod` on the PATH, or the one inside a PyPI wheel."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.servers.ports import free_ports, listens
from tests.servers.process import Server, ServerProcess, Shelter, shelter
from tests.servers.wheels import find_program, kind, origin

GIVEN = "ORDERPORT_TEST_MONGO_URI"
WHEEL = Path(__file__).with_name("mongod.txt")
SET = "rs0"


@dataclass
class Mongod(ServerProcess):
    """One `mongod`, alone or a member of a replica set."""

    port: int
    is_member: bool

    def ask(self, command: str, value: Any = 1) -> dict[str, Any]:
        """Give what the node itself answers to a command on its `admin` database."""
        with MongoClient[dict[str, Any]](
            "127.0.0.1", self.port, directConnection=True, timeoutMS=5_000
        ) as client:
            return client.admin.command(command, value)

    def is_primary(self) -> bool:
        """Tell whether the node holds itself to be the primary of its replica set."""
        return bool(self.is_member and self.ask("hello")["isWritablePrimary"])

    def is_ready(self) -> bool:
        """Tell whether it answers, and as a member of a replica set is, or follows, a primary."""
        if not listens(self.port):
            return False
        try:
            hello = self.ask("hello")
        except PyMongoError:
            return False
        follows = hello.get("secondary") and "primary" in hello
        return bool(not self.is_member or hello["isWritablePrimary"] or follows)


@dataclass
class MongoServer(Server[Mongod]):
    """A MongoDB, a standalone server or a replica set."""

    uri: str

    def primary(self) -> Mongod:
        """Give the node that is the primary at this moment."""
        return next(node for node in self.processes if node.running and node.is_primary())


@contextmanager
def start_mongod(replica_set: int = 1, election_timeout_ms: int = 1_000) -> Iterator[MongoServer]:
    """Run a MongoDB: a replica set of so many nodes, or with 0 a standalone server.

    Its data goes with it. One that is given is what it is: use a database of a name of your own there.
    """
    given = os.environ.get(GIVEN)
    if given:
        yield MongoServer("given", (), given)
        return
    mongod = find_mongod()
    with shelter() as place:
        nodes = [
            _node(mongod, port, place, is_member=replica_set > 0)
            for port in free_ports(replica_set or 1)
        ]
        hosts = [f"127.0.0.1:{node.port}" for node in nodes]
        options = f"?replicaSet={SET}" if replica_set else ""
        server = MongoServer(kind("mongod"), nodes, f"mongodb://{','.join(hosts)}/{options}")
        if replica_set:
            _initiate(nodes, hosts, election_timeout_ms)
        server.start()
        yield server


def find_mongod() -> Path:
    """Give a `mongod`: of the PATH, or of the wheel, which is downloaded once."""
    return find_program("mongod", WHEEL)


def describe() -> str:
    """Tell in one line which MongoDB the tests take."""
    given = f"given by {GIVEN}" if os.environ.get(GIVEN) else origin("mongod", WHEEL)
    return f"MongoDB: {given}"


def _node(mongod: Path, port: int, place: Shelter, *, is_member: bool) -> Mongod:
    name = f"mongod-{port}"
    data = place.folder / name
    data.mkdir()
    command: list[str | Path] = [
        *(mongod, "--dbpath", data, "--bind_ip", "127.0.0.1", "--port", str(port)),
        *("--quiet", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A member of a set would otherwise linger for up to 15 seconds.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        *(("--replSet", SET, "--oplogSize", "64") if is_member else ()),
    ]
    return Mongod(name, command, place, port, is_member)


def _initiate(nodes: Sequence[Mongod], hosts: Sequence[str], election_timeout_ms: int) -> None:
    for node in nodes:
        node.launch()
    for node in nodes:
        node.wait_for(partial(listens, node.port))
    members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
    settings = {
        "electionTimeoutMillis": election_timeout_ms,
        "heartbeatIntervalMillis": min(2_000, election_timeout_ms // 2),
    }
    nodes[0].ask("replSetInitiate", {"_id": SET, "members": members, "settings": settings})
