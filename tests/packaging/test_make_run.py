"""`make run`, with and without a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.packaging.service import serving
from tests.processes.traffic import new_customer

REPOSITORY = Path(__file__).parents[2]


def events_of(order_id: str, lines: list[str]) -> list[Any]:
    events = [json.loads(line) for line in lines]
    return [event for event in events if event["key"] == order_id]


def order(url: str, order_id: str) -> Mapping[str, Any]:
    answer = httpx.get(f"{url}/orders/{order_id}")
    assert answer.status_code == 200
    found: Mapping[str, Any] = answer.json()["data"]["data"]
    return found


def test_what_is_kept_in_a_file_is_there_after_kill_9_and_so_is_its_event(tmp_path: Path) -> None:
    command = ["make", "run", f"DATA={tmp_path / 'a $hop.db'}"]
    with serving(command, REPOSITORY, {}) as service:
        order_id = new_customer(service.url).place_order()
        placed = order(service.url, order_id)
        service.kill()
        lines = service.process.communicate()[0].splitlines()
    assert (tmp_path / "a $hop.db").is_file()
    with serving(command, REPOSITORY, {}) as service:
        assert order(service.url, order_id) == placed
        assert service.process.stdout
        while not events_of(order_id, lines):  # once the lease of the killed process has ended
            lines.append(service.process.stdout.readline())
    assert {event["value"]["_id"] for event in events_of(order_id, lines)} == {order_id}


def test_a_variable_of_the_environment_is_no_file_of_ours(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(["make", "run"], REPOSITORY, {"DATA": str(data)}) as service:
        new_customer(service.url).place_order()
        service.stop()
    assert list(tmp_path.iterdir()) == []
