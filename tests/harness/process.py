"""The service as its operators start it: a process of its own, whose events are lines on its standard output."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from conformance.http.events import Event, GatheredEvents
from tests.harness import event_lines

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SERVE: Sequence[str | Path] = (BIN / "orderport", "serve")
MEMORY: Mapping[str, str] = {"ORDERPORT_STORAGE": "memory", "ORDERPORT_EVENTS": "memory"}

START_SECONDS = 30.0
STOP_SECONDS = 10.0
"""What the contract grants a stop."""


@dataclass
class ServiceProcess:
    """A service that serves; `events` fills while it runs."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    events: GatheredEvents = field(default_factory=GatheredEvents)

    def events_of(self, order_id: str, count: int) -> list[Event]:
        """As `Events.of` has it."""
        return self.events.of(order_id, count)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; give the exit status and how many seconds the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.wait(), time.monotonic() - began

    def wait(self) -> int:
        """Wait for the end, as long as a stop may take; give the exit status."""
        return self.process.wait(STOP_SECONDS)

    def await_life(self) -> None:
        """Return once it answers; fail where it ended or stays silent."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with closing(urlopen(f"{self.url}/health/live", timeout=START_SECONDS)):
                    return
            except (URLError, ConnectionError):
                time.sleep(0.02)  # a process gives no sign when its port opens
        raise AssertionError(f"the service did not start: {self.log.read_text()}")


@contextmanager
def running(
    settings: Mapping[str, str] = MEMORY,
    command: Sequence[str | Path] = SERVE,
    stdout: int | IO[bytes] | None = None,
    host: str = "127.0.0.1",
    port: int | None = None,
) -> Iterator[ServiceProcess]:
    """Run a service, on a free port unless `settings` gives another one; it has ended afterwards, whatever happens.

    Its events are gathered, unless `stdout` says where else its standard output goes.
    """
    settings = settings if port else {**settings, "ORDERPORT_PORT": str(port := free_port())}
    with tempfile.TemporaryDirectory(prefix="orderport-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if stdout is None else stdout,
                stderr=stderr,
            )
        service = ServiceProcess(process, f"http://{host}:{port}", log)
        with process, gathering(service, gather=stdout is None):
            try:
                service.await_life()
                yield service
            finally:
                end(process)


@contextmanager
def gathering(service: ServiceProcess, *, gather: bool) -> Iterator[None]:
    """Read standard output in a thread of its own, until it is closed."""
    if not gather or service.process.stdout is None:
        yield
        return
    thread = threading.Thread(
        target=event_lines.gather, args=[service.process.stdout, service.events]
    )
    thread.start()
    try:
        yield
    finally:
        thread.join()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs: politely, then by force, and only then complain."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError("the service did not stop in time") from None


def run_to_end(
    settings: Mapping[str, str], command: Sequence[str | Path] = SERVE
) -> subprocess.CompletedProcess[str]:
    """Run a command that is to end by itself."""
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Give these settings in an environment without any other of ours, or of Python's."""
    others = ("ORDERPORT_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**kept, **settings}


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
