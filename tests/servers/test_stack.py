"""`make stack` as a newcomer uses it: an order by HTTP, its event by the command that is printed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers.ports import free_ports, listens
from tests.servers.process import wait_until

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def stack(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start it on servers of its own; what is temporary goes to a folder that can be looked into."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ORDERPORT_")
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.stack"],
        cwd=REPOSITORY,
        env=environment | {"ORDERPORT_PORT": str(port), "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def place_order(url: str) -> str:
    """Give the id of a new order."""

    def post(path: str, **body: object) -> str:
        answer = httpx.post(url + path, json=body).raise_for_status()
        return str(answer.json()["data"]["data"]["_id"])

    password = {"password": "correct horse", "confirm_password": "correct horse"}
    customer = post("/users/register", name="Ada", email="ada@example.com", **password)
    item = {"product_id": post("/products/new", name="Tea", stock=3), "quantity": 1}
    return post("/orders/new", customer_id=customer, price=12.5, items=[item], status="new")


def test_an_order_is_seen_on_the_topic_and_a_signal_ends_all(
    stack: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    assert stack.stderr
    command = next(line for line in stack.stderr if "read_topic" in line).split()
    assert wait_until(lambda: listens(port), 30)
    order = place_order(f"http://127.0.0.1:{port}")

    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as reader:
        assert reader.stdout
        event = json.loads(reader.stdout.readline())
        reader.send_signal(signal.SIGINT)
    assert reader.returncode == 0
    assert (event["topic"], event["key"], event["value"]["_id"]) == ("orders", order, order)
    assert event["headers"]["ce_id"] == f"{order}-0000000001"

    stack.send_signal(signal.SIGTERM)
    assert stack.wait(30) == 0
    assert not listens(port)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_all_is_up_ends_all(
    stack: subprocess.Popen[str], number: signal.Signals, tmp_path: Path
) -> None:
    assert stack.stderr
    next(stack.stderr)
    assert wait_until(lambda: any(tmp_path.iterdir()), 30)
    stack.send_signal(number)
    assert stack.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def test_where_the_service_fails_the_stack_fails_with_its_status(
    stack: subprocess.Popen[str], port: int, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        assert stack.wait(30) == 1
    assert stack.stderr
    assert f"port {port}" in stack.stderr.read()
    assert list(tmp_path.iterdir()) == []
