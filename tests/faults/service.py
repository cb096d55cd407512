"""One process of the service, that can be killed, frozen and started again on the same port."""

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.servers.ports import free_ports, listens
from tests.servers.process import ServerProcess, Shelter

ORDERPORT = Path(sys.executable).with_name("orderport")


@dataclass
class ServiceProcess(ServerProcess):
    """`orderport serve`; `armed` are settings for the next start only."""

    port: int
    armed: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self) -> bool:
        """Tell whether it takes requests and reaches storage."""
        if not listens(self.port):
            return False
        try:
            with closing(urlopen(f"{self.url}/health/ready", timeout=5)):
                return True
        except (HTTPError, URLError, ConnectionError, TimeoutError):
            return False

    def launch(self) -> None:
        plain = self.command
        self.command = [*plain[:-2], *(f"{k}={v}" for k, v in self.armed.items()), *plain[-2:]]
        try:
            super().launch()
        finally:
            self.command, self.armed = plain, {}

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and do not wait for the end."""
        if self.process:
            self.process.terminate()

    def log_lines(self, text: str) -> list[str]:
        """Give the lines of its log with this text in them."""
        return [line for line in self.log.read_text().splitlines() if text in line]


def make_service(place: Shelter, settings: Mapping[str, str]) -> ServiceProcess:
    """Make a service on a free port, which is not started yet; of this environment it sees nothing else."""
    (port,) = free_ports(1)
    variables = {"PATH": os.environ["PATH"], "ORDERPORT_PORT": str(port), **settings}
    command: list[str | Path] = ["env", "-i", *(f"{k}={v}" for k, v in variables.items())]
    return ServiceProcess(f"service-{port}", [*command, ORDERPORT, "serve"], place, port, {})
