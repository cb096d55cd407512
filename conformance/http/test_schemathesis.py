"""Requests generated from the specification, in every way that schemathesis knows."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from conformance.http import lines
from conformance.http.breach import Breach
from conformance.http.given import Shop
from conformance.http.journal import journal

HOOKS = "conformance.http.schemathesis_hooks"
EXAMPLES = 20
SECONDS = 110
EXPECTED = ("spec/openapi.yaml, as schemathesis reads it", lines.PUBLISHED)

pytestmark = pytest.mark.contract(lines.PUBLISHED)


def run(folder: Path, url: str, shop: dict[str, str], *options: str) -> None:
    """Run schemathesis with all its checks; fail with what it says."""
    with as_file(files("spec").joinpath("openapi.yaml")) as specification:
        command: list[str | Path] = [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", specification),
            *("--url", url, "--checks", "all", "--max-examples", str(EXAMPLES), *options),
            *("--output-sanitize", "false"),
        ]
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": HOOKS,
            "ORDERPORT_SHOP": json.dumps(shop),
        }
        ended = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if ended.returncode:
        raise first_breach(ended.stdout + ended.stderr)


def first_breach(output: str) -> Breach:
    """Take the first failure out of what schemathesis says, and how many there are."""
    failures = output.partition(" FAILURES =")[2].partition(" SUMMARY =")[0]
    _, *titled = re.split(r"^_{3,} (.+?) _{3,}$", failures, flags=re.MULTILINE)
    if not titled:
        return Breach(EXPECTED, output[-2_000:])
    said, _, command = titled[1].partition("Reproduce with:")
    told = [line.strip() for line in said.splitlines() if line.strip()]
    came = "\n".join([f"{len(titled) // 2} of its cases fail, the first: {titled[0]}", *told[1:]])
    return Breach(EXPECTED, came, command.partition("st replay")[0].strip())


@pytest.mark.safe
def test_every_operation_keeps_the_specification(
    tmp_path: Path, url: str, request: pytest.FixtureRequest
) -> None:
    if journal.only_safe:
        run(tmp_path, url, {}, "--include-method", "GET", "--phases", "examples,fuzzing")
    else:
        shop: Shop = request.getfixturevalue("shop")
        run(tmp_path, url, {"customer_id": shop.customer, "product_id": shop.products[0]})
