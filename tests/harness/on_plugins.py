"""The service on the plug-ins of this repository, SQLite and Redis, and whoever reads its stream."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, cast

from redis import Redis, RedisError

from conformance.http.events import GatheredEvents
from tests.harness import event_lines
from tests.harness.process import ServiceProcess, running
from tests.servers import RedisServer

POLL_MILLISECONDS = 100


def settings_for(folder: Path, redis: RedisServer) -> dict[str, str]:
    """Give settings with a file and a stream of their own."""
    return {
        "ORDERPORT_STORAGE": "sqlite",
        "ORDERPORT_SQLITE_PATH": str(folder / "shop.db"),
        "ORDERPORT_EVENTS": "redis",
        "ORDERPORT_REDIS_URL": redis.url,
        "ORDERPORT_REDIS_STREAM": f"orders-{token_hex(4)}",
    }


@contextmanager
def running_on(settings: Mapping[str, str]) -> Iterator[ServiceProcess]:
    """Run a service with these settings; its events are read from the stream while it runs."""
    with (
        running(settings, stdout=subprocess.DEVNULL) as service,
        reading(settings, service.events),
    ):
        yield service


@contextmanager
def reading(settings: Mapping[str, str], events: GatheredEvents) -> Iterator[None]:
    """Gather the stream's entries in a thread of its own, from the beginning."""
    ended = threading.Event()
    lines = _lines(settings["ORDERPORT_REDIS_URL"], settings["ORDERPORT_REDIS_STREAM"], ended)
    thread = threading.Thread(target=event_lines.gather, args=[lines, events])
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _lines(url: str, stream: str, ended: threading.Event) -> Iterator[bytes]:
    last = b"0"
    with Redis.from_url(url) as client:
        while not ended.is_set():
            with suppress(
                RedisError
            ):  # as long as a test keeps the server away, or makes it a replica
                found = cast(Any, client.xread({stream: last}, block=POLL_MILLISECONDS))
                for entry, fields in found[0][1] if found else ():
                    yield _line(stream, fields)
                    last = entry


def _line(stream: str, fields: Mapping[bytes, bytes]) -> bytes:
    """Give an entry in the form that the in-memory adapter prints, its value untouched."""
    around = json.dumps({"topic": stream, "key": fields[b"key"].decode()}).encode()
    return around[:-1] + b', "headers": %b, "value": %b}' % (fields[b"headers"], fields[b"value"])
