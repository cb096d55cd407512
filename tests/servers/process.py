"""Servers as processes, which never outlive the process that started them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Generic, TypeVar

GUARD = Path(__file__).with_name("guard.py")

P = TypeVar("P", bound="ServerProcess")


class ServerFailed(Exception):
    """A server ended, or did not become ready; its last words are in the message."""


@dataclass
class Shelter:
    """A temporary folder, and a process group: all that is in them goes when the shelter does."""

    folder: Path
    group: int
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, command: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
        """Start a process in the group; its output is added to the log."""
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self.group,  # not ours: Ctrl-C in a terminal is for us alone
            )
        self.children.append(child)
        return child


@contextmanager
def shelter() -> Iterator[Shelter]:
    """Make a shelter; at the end, also when this process is killed, nothing of it is left."""
    folder = Path(tempfile.gettempdir(), f"orderport-{token_hex(8)}")
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", GUARD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    made = Shelter(folder, guard.pid)
    try:
        folder.mkdir(0o700)  # only now: without the guard nobody would remove it
        yield made
    finally:
        guard.communicate()  # closes its input, and waits for the end of its output
        for child in made.children:
            child.wait()


@dataclass
class ServerProcess:
    """One server, which can be paused, killed, and started again on the same port and data.

    All methods return when it is done, and may be called from any thread: from a test on an event loop
    `await asyncio.to_thread(server.start)`, where other tasks have to go on meanwhile.
    """

    name: str
    command: Sequence[str | Path]
    shelter: Shelter
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def is_ready(self) -> bool:
        """Tell whether it serves by now."""
        raise NotImplementedError

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.shelter.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The number of the process; of one that ended, the last."""
        if not self.process:
            raise ServerFailed(f"{self.name} was not started")
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there, be it paused."""
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        """Start the process, if it does not run, and do not wait until it is ready."""
        if not self.running:
            self.process = self.shelter.run(self.command, self.log)

    def start(self, seconds: float = 60) -> None:
        """Start the process, if it does not run, and return when it is ready."""
        self.launch()
        self.wait_for(self.is_ready, seconds)

    def stop(self, seconds: float = 30) -> None:
        """Ask it to end, as an operator would, and return when it has."""
        self._signal(signal.SIGTERM)
        self.resume()
        if self.process:
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise ServerFailed(f"{self.name} did not stop\n{self.last_words()}") from None

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def pause(self) -> None:
        """Freeze it: it accepts connections, by way of the kernel, and answers nothing."""
        self._signal(signal.SIGSTOP)
        if self.running:  # a thread on another core may answer still, until all have stopped
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on after a pause."""
        self._signal(signal.SIGCONT)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Return as soon as the condition holds; fail where the process ends before, or the time."""
        held = wait_until(lambda: not self.running or condition(), seconds)
        if not self.running or not held:
            state = "is not ready" if self.running else "has ended"
            raise ServerFailed(f"{self.name} {state}\n{self.last_words()}")

    def last_words(self, lines: int = 20) -> str:
        """Give the end of its log."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _signal(self, number: int) -> None:
        if self.process:
            self.process.send_signal(number)


@dataclass
class Server(Generic[P]):
    """A server of one or more processes; its methods reach them all.

    One that was given by an environment variable has none: there `ours` is false, and a test that would
    pause or kill has to skip itself.
    """

    kind: str
    processes: Sequence[P]

    @property
    def ours(self) -> bool:
        """Whether it was started here, and may be paused and killed."""
        return bool(self.processes)

    @property
    def pid(self) -> int:
        """The number of the process, or of the first of several."""
        return self._processes()[0].pid

    def start(self) -> None:
        """Start what does not run, on the same ports and data; return when all is ready."""
        for process in self._processes():
            process.launch()
        for process in self.processes:
            process.start()

    def stop(self) -> None:
        """Ask it to end, as an operator would, and return when it has."""
        for process in self._processes():
            process.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        for process in self._processes():
            process.kill()

    def pause(self) -> None:
        """Freeze it: it accepts connections, by way of the kernel, and answers nothing."""
        for process in self._processes():
            process.pause()

    def resume(self) -> None:
        """Let it go on after a pause."""
        for process in self._processes():
            process.resume()

    def _processes(self) -> Sequence[P]:
        if not self.ours:
            raise ServerFailed("this server was given, and is not ours to start or stop")
        return self.processes


def run(command: Sequence[str | Path]) -> None:
    """Run a command to its end. Raises `ServerFailed` with its last words where it fails."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        failure = f"{command[0]} failed with status {done.returncode}"
        raise ServerFailed(f"{failure}\n{done.stdout.strip()[-2_000:]}")


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as the condition holds, and False when it is too late."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)  # another process gives no sign
    return True
