"""A service as its users start it: a process of its own, all in memory."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

MEMORY = {"ORDERPORT_STORAGE": "memory", "ORDERPORT_EVENTS": "memory"}


@dataclass
class Service:
    process: subprocess.Popen[str]
    url: str

    def get(self, path: str) -> int:
        """Give the status of a GET."""
        with urlopen(self.url + path, timeout=5) as answer:
            status: int = answer.status
            return status

    def await_life(self, seconds: float = 20) -> None:
        """Return as soon as the service answers; fail where it has ended, or stays silent."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(URLError, ConnectionError):
                self.get("/health/live")
                return
            time.sleep(0.05)  # a process gives no sign when its port opens
        self.kill()
        raise AssertionError(self.process.communicate())

    def stop(self) -> tuple[int, str, str]:
        """Send SIGTERM; give the exit status, standard output and standard error."""
        self.process.send_signal(signal.SIGTERM)
        output, log = self.process.communicate(timeout=15)
        return self.process.returncode, output, log

    def kill(self) -> None:
        """End the command and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def serving(
    command: Sequence[str | Path], folder: Path, settings: dict[str, str]
) -> Iterator[Service]:
    """Run a command that serves, until it answers; nothing of these tests' own settings reaches it."""
    port = free_port()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment() | {"ORDERPORT_PORT": str(port)} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        service = Service(process, f"http://127.0.0.1:{port}")
        try:
            service.await_life()
            yield service
        finally:
            service.kill()


def environment() -> dict[str, str]:
    # Where there is `CI`, pytest writes every difference out: of a broken adapter's events that takes minutes.
    ours = ("ORDERPORT_", "PYTHON", "MAKE", "MFLAGS", "CI")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
