"""Requests generated from the specification, in every way that schemathesis knows."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.contract.http.client import Api
from tests.contract.http.given import open_shop
from tests.contract.http.specification import FILE
from tests.harness.process import BIN, REPOSITORY, running

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
EXAMPLES = 40


@pytest.mark.timeout(110)
def test_the_service_and_its_specification_agree(tmp_path: Path) -> None:
    """A service of its own: what is generated fills its storage."""
    with running() as service, Api(service.url) as api:
        shop = open_shop(api)
        known = {"customer_id": shop.customer, "product_id": shop.products[0]}
        hooks = ".".join(HOOKS.relative_to(REPOSITORY).with_suffix("").parts)
        run = subprocess.run(
            [
                *(BIN / "schemathesis", "--no-color", "run", FILE, "--url", service.url),
                *("--checks", "all", "--max-examples", str(EXAMPLES)),
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "SCHEMATHESIS_HOOKS": hooks,
                "ORDERPORT_SHOP": json.dumps(known),
            },
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
