"""`orderport contract http`: every check of the HTTP contract, against any server."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conformance.http.events import Events
from conformance.http.topic import TopicUnreadable, reading
from conformance.reaching import fault_of_address, fault_of_server
from conformance.report import print_report
from conformance.run import Run

FOLDER = Path(__file__).parent

FINE, BREACH, UNUSABLE = 0, 1, 2
INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """Which server, and how it is checked."""

    url: str
    kafka: str = ""
    """The `host:port` of brokers; empty where no events are read."""
    topic: str = ""
    kafka_settings: Path | None = None
    """A file of librdkafka's settings, a `name=value` a line."""
    safe: bool = False
    junit: Path | None = None
    only: str = ""
    """An expression over the names of checks, as pytest's `-k` has it."""


class Unusable(Exception):
    """The run cannot begin; the message says why, in a line."""


def run(options: Options) -> int:
    """Make the checks, print what was found, and give the exit status."""
    try:
        with ExitStack() as stack:
            return _run(options, stack)
    except (Unusable, TopicUnreadable) as error:
        print(f"orderport: {error}", file=sys.stderr)
        return UNUSABLE


def _run(options: Options, stack: ExitStack) -> int:
    url = options.url.rstrip("/")
    if fault := fault_of_address(url) or fault_of_server(url):
        raise Unusable(fault)
    _try_to_write(options.junit)
    topic = _listen(options, stack)
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="orderport-contract-")))
    began = time.monotonic()
    with _progress() as progress:
        checks = Run(url, topic, progress, _Bodies().keep, safe=options.safe)
        status = _call_pytest(_arguments(options, scratch), checks, scratch)
    outcome = checks.outcome
    if status is pytest.ExitCode.NO_TESTS_COLLECTED:
        raise Unusable(f"no check is called {options.only!r}")
    if status is pytest.ExitCode.USAGE_ERROR:  # which pytest has explained
        raise Unusable(f"{options.only!r} does not say which checks")
    print_report(outcome, f"the HTTP contract at {url}", time.monotonic() - began)
    if status is pytest.ExitCode.INTERRUPTED and not outcome.ended:
        return INTERRUPTED
    if outcome.ended or status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise Unusable(outcome.ended or f"pytest ended with {status!r}")
    return BREACH if outcome.breaches else FINE


def _try_to_write(junit: Path | None) -> None:
    """Find out now rather than when all is done."""
    try:
        if junit:
            junit.parent.mkdir(parents=True, exist_ok=True)
            junit.open("a").close()
    except OSError as error:
        raise Unusable(f"{junit} cannot be written: {error.strerror}") from None


def _listen(options: Options, stack: ExitStack) -> Events | None:
    if not options.kafka:
        return None
    settings = _read_settings(options.kafka_settings)
    return stack.enter_context(reading(options.kafka, options.topic, settings))


def _read_settings(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} cannot be read: {error}") from None
    pairs = [line.partition("=") for line in lines if line.strip() and not line.startswith("#")]
    if any(not separator for _, separator, _ in pairs):
        raise Unusable(f"{file}: each line is name=value")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _arguments(options: Options, scratch: Path) -> list[str]:
    """Give pytest's arguments, with nothing of whoever calls: no settings, plug-ins or caches."""
    arguments = [
        *("--pyargs", "conformance.http", "-c", os.devnull),
        *("--rootdir", str(FOLDER), "--confcutdir", str(FOLDER), "--import-mode", "importlib"),
        *("--disable-plugin-autoload", "-p", "no:terminal", "-p", "no:cacheprovider"),
        *("--strict-markers", "--basetemp", str(scratch / "checks")),
    ]
    if options.only:
        arguments += ["-k", options.only]
    if options.junit:
        arguments += ["--junitxml", str(options.junit.absolute())]
    return arguments


def _call_pytest(arguments: list[str], checks: Run, scratch: Path) -> int:
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(scratch / "hypothesis")
    return pytest.main(arguments, plugins=[checks])


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on a terminal, and nowhere else; on a descriptor of its own, since pytest takes the usual one."""
    with os.fdopen(os.dup(sys.stderr.fileno()), "w") as file:
        console = Console(file=file)
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(
            TextColumn("{task.description:24}"),
            *columns,
            console=console,
            disable=not file.isatty(),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as progress:
            yield progress


class _Bodies:
    """Keeps what is too long for a command in files, in a folder that stays."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    def keep(self, content: bytes) -> Path:
        """As `Keep` has it."""
        self._folder = self._folder or Path(mkdtemp(prefix="orderport-breaches-"))
        self._count += 1
        file = self._folder / str(self._count)
        file.write_bytes(content)
        return file
