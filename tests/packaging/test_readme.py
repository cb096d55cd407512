"""What the README shows is what happens, and what any page links to is there."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.packaging.service import MEMORY, serving

REPOSITORY = Path(__file__).parents[2]
ORDERPORT = REPOSITORY / ".venv/bin/orderport"
PAGES = [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def without_ids(text: str) -> str:
    return re.sub(r'"[0-9a-f]{24}"', '"ID"', text)


def test_the_order_placed_with_curl_has_the_answer_that_is_shown_and_an_event(
    tmp_path: Path,
) -> None:
    (commands,) = [block for block in blocks("sh") if "curl" in block]
    (answer,) = blocks("json")
    with serving([ORDERPORT, "serve"], tmp_path, MEMORY) as service:
        script = commands.replace("http://127.0.0.1:8000", service.url)
        printed = subprocess.run(
            ["bash", "-eu", "-c", script], check=True, capture_output=True, text=True
        ).stdout
        status, output, _ = service.stop()
    assert without_ids(printed) == without_ids(answer).strip()
    (event,) = [json.loads(line) for line in output.splitlines()]
    assert event["value"] == json.loads(printed)["data"]["data"]
    assert status == 0


def test_every_setting_that_the_contract_names_is_explained() -> None:
    contract = (REPOSITORY / "docs/contract.md").read_text()
    named = set(re.findall(r"ORDERPORT_[A-Z_]+", contract))
    explained = set(re.findall(r"^\| `(ORDERPORT_[A-Z_]+)` \|", README, re.MULTILINE))
    assert explained == named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_page_that_is_linked_is_there(page: Path) -> None:
    linked = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert [link for link in linked if not (page.parent / link).exists()] == []
