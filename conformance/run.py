"""One run of the checks against a server: what they are given, and what came of each."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field

import httpx
import pytest
from rich.progress import Progress

from conformance.curl import Keep, command
from conformance.findings import Finding, find, kind_of, lines_of, name_of
from conformance.http.events import Events
from conformance.http.journal import journal
from conformance.reaching import fault_of_server

MARKERS = (
    "contract(line, ...): the lines of docs/contract.md that a check stands for",
    "safe: it sends nothing but GET, HEAD and OPTIONS",
)


@dataclass
class Outcome:
    """What came of all checks."""

    passed: int = 0
    findings: list[Finding] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """How many checks were not made, by the reason."""
    ended: str = ""
    """Why it ended before its end, if it did."""

    @property
    def breaches(self) -> int:
        """How many checks failed."""
        return sum(1 + len(finding.others) for finding in self.findings)


class Run:
    """The pytest plug-in that gives the checks their server, and takes down what came of them."""

    def __init__(
        self, url: str, topic: Events | None, progress: Progress, keep: Keep, *, safe: bool
    ) -> None:
        self.outcome = Outcome()
        self._url = url
        self._topic = topic
        self._progress = progress
        self._task = progress.add_task("looking for checks", total=None)
        self._keep = keep
        self._safe = journal.only_safe = safe
        self._by_kind: dict[object, Finding] = {}

    @pytest.fixture(scope="session")
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return self._url

    @pytest.fixture(scope="session")
    def topic(self) -> Events | None:
        """Its events, if somebody listens."""
        return self._topic

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Let an assert outside of the checks themselves tell as much as one in them."""
        pytest.register_assert_rewrite("conformance.http.expect", "conformance.http.given")

    def pytest_configure(self, config: pytest.Config) -> None:
        """Tell pytest of the markers."""
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what may change something, where nothing must be changed."""
        if not self._safe:
            return
        left_out = [item for item in items if not item.get_closest_marker("safe")]
        items[:] = [item for item in items if item.get_closest_marker("safe")]
        config.hook.pytest_deselected(items=left_out)
        if left_out:
            self.outcome.skipped["--safe makes only those checks that change nothing"] = len(
                left_out
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take down that checks cannot be read."""
        if report.failed:
            self.outcome.ended = f"the checks cannot be read: {report.longreprtext}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Begin the bar."""
        self._progress.update(self._task, total=len(session.items))

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Tell the JUnit report which lines a check stands for, and whoever watches what it is about."""
        module = item.nodeid.partition("::")[0].rpartition("test_")[2].removesuffix(".py")
        self._progress.update(self._task, description=module.replace("_", " "))
        for line in lines_of(item):
            item.user_properties.append(("contract", line))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take down what came of a check."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if report.skipped:
            self.outcome.skipped[str(error)] += 1
        elif report.failed and error:
            self._fail(item, error, report.when)
        elif report.when == "call":
            self.outcome.passed += 1
        if report.when == "teardown":
            self._progress.advance(self._task)
        return report

    def _fail(self, item: pytest.Item, error: BaseException, when: str) -> None:
        if isinstance(error, httpx.TransportError | OSError):
            gone = fault_of_server(self._url)
            if gone:
                item.session.shouldstop = self.outcome.ended = gone
                return
        kind = kind_of(item, error, in_setup=when == "setup")
        if kind in self._by_kind:
            self._by_kind[kind].others.append(name_of(item))
            return
        finding = find(item, error, in_setup=when == "setup")
        if finding.exchange:
            finding.repeat = command(finding.exchange, self._keep)
            item.user_properties.append(("repeat", finding.repeat))
        self._by_kind[kind] = finding
        self.outcome.findings.append(finding)
