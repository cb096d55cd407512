"""The kit rejects adapters with a fault, each by the checks that are there for it, and has no complaint of others."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.kit.broken import publishers, storages

REPOSITORY = Path(__file__).parents[2]
HISTORY = "test_any_history_gives_the_answers_of_the_storage_in_memory"


def failures(file: str, selection: str, folder: Path) -> Mapping[str, set[str]]:
    """Run the kit in a process of its own; give the checks that failed, by fault."""
    report = folder / "report.xml"
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", f"tests/kit/broken/{file}", "-k", selection),
            *("-q", "--tb=no", "-p", "no:cacheprovider", f"--junitxml={report}"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout
    failed: dict[str, set[str]] = defaultdict(set)
    for case in ET.parse(report).iter("testcase"):
        check, _, parameters = case.attrib["name"].partition("[")
        if case.find("failure") is not None or case.find("error") is not None:
            failed[parameters.rstrip("]").partition("-")[0]].add(check)
    return failed


def test_each_broken_storage_is_rejected_by_the_checks_that_should(tmp_path: Path) -> None:
    # Any history finds many of the faults, and takes its time; it is run on the one that nothing else finds.
    selection = f"not {HISTORY} or (forgotten and discards and OrdersAndEvents)"
    failed = failures("kit_on_storages.py", selection, tmp_path)
    assert failed == {fault: checks for fault, (_, checks) in storages.BROKEN.items() if checks}


def test_each_broken_publisher_is_rejected_by_the_checks_that_should(tmp_path: Path) -> None:
    failed = failures("kit_on_publishers.py", "TestBrokenPublishers", tmp_path)
    assert failed == {fault: checks for fault, (_, checks) in publishers.BROKEN.items() if checks}
