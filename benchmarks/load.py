"""Load, by `wrk`."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
ENDING_SECONDS = 1
"""For the answers to the last requests."""


class NoLoad(Exception):
    """Load cannot be made, or was not answered as it should be; the message says why."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk counted: requests that were answered in so many seconds, 2xx or not; the percentiles are in seconds."""

    requests: int
    failed: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def find_wrk() -> str:
    """Give the path of wrk. Raises `NoLoad`."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NoLoad("wrk is not installed: apt-get install wrk")
    return wrk


@contextmanager
def loading(
    url: str, requests: Sequence[str], seconds: float, connections: int = 64, pause: float = 0
) -> Iterator["Loading"]:
    """Begin to send these requests in turn; `pause` is the mean pause of a connection, in seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.writelines(f"{request}\n" for request in requests)
        file.flush()
        process = subprocess.Popen(
            [
                *(find_wrk(), "--threads", "1", "--connections", str(connections)),
                *("--duration", str(round(seconds + 0.5) + ENDING_SECONDS), "--timeout", "10"),
                *("--script", SCRIPT, url),
                *("--", file.name, str(seconds), str(round(1000 * pause))),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield Loading(process, seconds)
            finally:
                process.kill()


@dataclass
class Loading:
    """A load under way."""

    process: subprocess.Popen[str]
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
        return Load(
            done, counted["failed"], self.seconds, counted["p50"] / 1e6, counted["p99"] / 1e6
        )


def load(
    url: str, requests: Sequence[str], seconds: float, connections: int = 64, pause: float = 0
) -> Load:
    """Send these requests in turn, for so long."""
    with loading(url, requests, seconds, connections, pause) as begun:
        return begun.wait()
