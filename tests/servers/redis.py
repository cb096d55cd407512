"""A Redis for tests: the one that is given, a `redis-server` on the PATH, or the one inside a PyPI wheel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

from tests.servers.ports import free_ports, listens
from tests.servers.process import Server, ServerProcess, shelter
from tests.servers.wheels import find_program, kind, origin

GIVEN = "ORDERPORT_TEST_REDIS"
PROGRAM = "redis-server"
WHEEL = Path(__file__).with_name("redis.txt")
KEEPS_EVERYTHING = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
"""What was acknowledged is on the disk."""


@dataclass
class RedisProcess(ServerProcess):
    """One `redis-server`."""

    port: int

    def is_ready(self) -> bool:
        """Tell whether it answers, and has read what it keeps."""
        if not listens(self.port):
            return False
        try:  # without its client, which the benchmarks' environment lacks
            with create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


@dataclass
class RedisServer(Server[RedisProcess]):
    """A Redis, alone."""

    url: str


@contextmanager
def start_redis() -> Iterator[RedisServer]:
    """Run a Redis that loses nothing when it is killed; its data goes with it.

    One that is given is what it is: use a stream of a name of your own there.
    """
    given = os.environ.get(GIVEN)
    if given:
        yield RedisServer("given", (), given)
        return
    program = find_program(PROGRAM, WHEEL)
    with shelter() as place:
        (port,) = free_ports(1)
        data = place.folder / f"redis-{port}"
        data.mkdir()
        where = ("--bind", "127.0.0.1", "--port", str(port), "--dir", data)
        process = RedisProcess(data.name, [program, *where, *KEEPS_EVERYTHING], place, port)
        server = RedisServer(kind(PROGRAM), [process], f"redis://127.0.0.1:{port}/0")
        server.start()
        yield server


def describe() -> str:
    """Tell in one line which Redis the tests take."""
    given = f"given by {GIVEN}" if os.environ.get(GIVEN) else origin(PROGRAM, WHEEL)
    return f"Redis: {given}"
