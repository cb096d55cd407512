"""The consumer of `docs/events.md`, run as it stands there."""

import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
SECONDS = 30.0
"""How long a line may take; joining a group alone takes some."""


def source() -> str:
    """Give the page's one block of Python."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return str(block)


class Output:
    """What it prints, a line for each message."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def gather(self, process: subprocess.Popen[str]) -> None:
        """Take lines until it ends."""
        for line in process.stdout or ():
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def next(self, count: int) -> list[str]:
        """Wait for so many lines; fail where it ends before."""
        lines = [self._lines.get(timeout=SECONDS) for _ in range(count)]
        assert None not in lines, "the consumer ended"
        return [line for line in lines if line is not None]


@contextmanager
def consuming(servers: str, topic: str, file: Path) -> Iterator[Output]:
    """Run it in a group of its own until it is killed, as by a power cut."""
    command = [sys.executable, "-c", source(), servers, topic, f"group-{token_hex(4)}", str(file)]
    output = Output()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        thread = threading.Thread(target=output.gather, args=[process])
        thread.start()
        try:
            yield output
        finally:
            process.kill()
            thread.join()
