"""Load, by `wrk`."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Clients:
    """So many connections, the mean of their pauses before each request, and how long the last answers may take."""

    connections: int = 64
    pause_seconds: float = 0
    ending_seconds: int = 1


class NoLoad(Exception):
    """Load cannot be made, or was not answered as it should be; the message says why."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk counted: requests that were answered in so many seconds, 2xx or not; the percentiles are in seconds."""

    requests: int
    failed: int
    connections: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second; the last of each connection was answered when the time was over."""
        return max(self.requests - self.connections, 1) / self.seconds


def find_wrk() -> str:
    """Give the path of wrk. Raises `NoLoad`."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NoLoad("wrk is not installed: apt-get install wrk")
    return wrk


@contextmanager
def loading(
    url: str, requests: Sequence[str], seconds: float, clients: Clients
) -> Iterator["Loading"]:
    """Begin to send these requests in turn."""
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.writelines(f"{request}\n" for request in requests)
        file.flush()
        process = subprocess.Popen(
            [
                *(find_wrk(), "--threads", "1", "--connections", str(clients.connections)),
                *("--duration", str(ceil(seconds) + clients.ending_seconds), "--timeout", "10"),
                *("--script", SCRIPT, url),
                *("--", file.name, str(seconds), str(round(1000 * clients.pause_seconds))),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Loading(process, clients.connections, seconds)
            finally:
                process.kill()


@dataclass
class Loading:
    """A load under way."""

    process: subprocess.Popen[str]
    connections: int
    seconds: float

    def wait(self) -> Load:
        """Wait for the end. Raises `NoLoad` where no answer is a success."""
        output, _ = self.process.communicate()
        try:
            counted = json.loads(output.splitlines()[-1])
        except (ValueError, IndexError):
            raise NoLoad(f"wrk failed: {output}") from None
        done = counted["requests"] - counted["failed"]
        if done <= 0:
            raise NoLoad(f"{counted['failed']} of {counted['requests']} requests failed")
        p50, p99 = counted["p50"] / 1e6, counted["p99"] / 1e6
        return Load(done, counted["failed"], self.connections, self.seconds, p50, p99)


def load(url: str, requests: Sequence[str], seconds: float, clients: Clients | None = None) -> Load:
    """Send these requests in turn, for so long."""
    with loading(url, requests, seconds, clients or Clients()) as begun:
        return begun.wait()
