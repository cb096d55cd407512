"""What holds for every server: it is taken where it is given, and nothing of it is left when it is done with."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.servers import (
    ServerFailed,
    cache,
    describe,
    kafka,
    mongod,
    redis,
    start_kafka,
    start_mongod,
    start_redis,
)
from tests.servers.ports import listens
from tests.servers.process import wait_until

REPOSITORY = Path(__file__).parents[2]


def test_servers_that_are_given_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mongod.GIVEN, "mongodb://mongo.example")
    monkeypatch.setenv(kafka.GIVEN, "kafka.example:9092")
    monkeypatch.setenv(redis.GIVEN, "redis://redis.example")
    with start_mongod() as mongo, start_kafka() as server, start_redis() as streams:
        assert (mongo.kind, mongo.uri) == ("given", "mongodb://mongo.example")
        assert (server.kind, server.bootstrap_servers) == ("given", "kafka.example:9092")
        assert (streams.kind, streams.url) == ("given", "redis://redis.example")
        assert not mongo.ours
        for method in (mongo.start, mongo.stop, mongo.kill, mongo.pause, mongo.resume):
            with pytest.raises(ServerFailed, match="not ours"):
                method()
    assert describe() == [
        f"MongoDB: given by {mongod.GIVEN}",
        f"Kafka: given by {kafka.GIVEN}",
        f"Redis: given by {redis.GIVEN}",
    ]


def test_nothing_is_left_of_a_server_that_is_no_longer_wanted() -> None:
    with start_mongod() as server:
        (node,) = server.processes
        server.pause()
    assert not node.running
    assert not listens(node.port)
    assert not node.shelter.folder.exists()


def test_a_server_that_ends_tells_its_last_words() -> None:
    with start_mongod(0) as server:
        (node,) = server.processes
        node.kill()
        node.command = [*node.command, "--nonsense"]
        with pytest.raises(ServerFailed, match="nonsense"):
            node.start()


PARENT = """
import signal
from tests.servers import start_mongod
with start_mongod() as server:
    (node,) = server.processes
    server.pause()
    print(node.port, node.shelter.folder, flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_where_the_tests_are_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout
        port, folder = parent.stdout.readline().split()
        assert listens(int(port))
        parent.send_signal(number)
    assert wait_until(lambda: not listens(int(port)) and not Path(folder).exists(), 10)


def test_what_is_downloaded_is_there_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cache, "CACHE", tmp_path / "cache")
    fills: list[Path] = []

    def fill(folder: Path) -> None:
        (folder / "first").touch()
        fills.append(folder)
        if len(fills) == 1:
            raise ServerFailed("cut")
        assert list(folder.iterdir()) == [folder / "first"]
        (folder / "last").touch()

    with pytest.raises(ServerFailed, match="cut"):
        cache.cached("thing", fill)
    assert not (tmp_path / "cache" / "thing").exists()
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(cache.cached, "thing", fill) for _ in range(8)]
    folders = {run.result() for run in runs}
    assert folders == {tmp_path / "cache" / "thing"}
    assert len(fills) == 2
    assert {file.name for file in folders.pop().iterdir()} == {"first", "last"}
