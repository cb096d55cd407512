"""Requests generated from the specification, in every way that schemathesis knows."""

import json
import os
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from conformance.http import lines
from conformance.http.given import Shop
from conformance.http.journal import journal

HOOKS = "conformance.http.schemathesis_hooks"
ROOT = Path(__file__).parents[2]
EXAMPLES = 20
SECONDS = 110

pytestmark = pytest.mark.contract(lines.PUBLISHED)


def run(folder: Path, url: str, shop: dict[str, str], *options: str) -> None:
    """Run schemathesis with all its checks; fail with what it says."""
    with as_file(files("spec").joinpath("openapi.yaml")) as specification:
        command: list[str | Path] = [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", specification),
            *("--url", url, "--checks", "all", "--max-examples", str(EXAMPLES), *options),
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
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
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2_000:]


@pytest.mark.safe
def test_every_operation_keeps_the_specification(
    tmp_path: Path, url: str, request: pytest.FixtureRequest
) -> None:
    if journal.only_safe:
        run(tmp_path, url, {}, "--include-method", "GET", "--phases", "examples,fuzzing")
    else:
        shop: Shop = request.getfixturevalue("shop")
        run(tmp_path, url, {"customer_id": shop.customer, "product_id": shop.products[0]})
