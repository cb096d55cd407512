"""Processes on a real MongoDB and a real Kafka that come and go."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.harness.on_servers import running_on, settings_for
from tests.harness.process import STOP_SECONDS, ServiceProcess, run_to_end, running
from tests.servers import KafkaServer, MongoServer

READY_SECONDS = 1.0
SLACK_SECONDS = 1.0
ABSENT_MONGO = {"ORDERPORT_MONGO_URI": "mongodb://127.0.0.1:1"}


@pytest.fixture
def settings(mongo_server: MongoServer, kafka_server: KafkaServer) -> dict[str, str]:
    return settings_for(mongo_server, kafka_server)


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def workers(request: pytest.FixtureRequest) -> dict[str, str]:
    return {"ORDERPORT_WORKERS": str(request.param)}


def ready(service: ServiceProcess) -> tuple[int, list[str]]:
    """Ask whether it is ready: the answer comes within the time that the contract grants."""
    began = time.monotonic()
    answer = httpx.get(f"{service.url}/health/ready", timeout=10)
    assert time.monotonic() - began < READY_SECONDS + SLACK_SECONDS
    return answer.status_code, answer.text.splitlines()


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # another process gives no sign of what it holds


def make(service: ServiceProcess, path: str, **fields: object) -> httpx.Response:
    return httpx.post(f"{service.url}{path}", json=fields, timeout=10)


def made(service: ServiceProcess, path: str, **fields: object) -> str:
    answer = make(service, path, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["data"]["_id"])


def an_order(service: ServiceProcess) -> dict[str, object]:
    password = "correct horse"
    customer = made(
        service,
        "/users/register",
        name="Ada",
        email=f"ada{time.monotonic_ns()}@example.com",
        password=password,
        confirm_password=password,
    )
    product = made(service, "/products/new", name="Tea", stock=1)
    items = [{"product_id": product, "quantity": 1}]
    return {"customer_id": customer, "price": 1, "items": items, "status": "new"}


def test_an_absent_mongodb_at_the_start_is_one_line_and_status_1(workers: dict[str, str]) -> None:
    began = time.monotonic()
    ended = run_to_end({**ABSENT_MONGO, **workers, "ORDERPORT_PORT": "0"})
    assert time.monotonic() - began < 10 + SLACK_SECONDS
    assert ended.returncode == 1
    errors = [line for line in ended.stderr.splitlines() if line.startswith("orderport: ")]
    assert errors == [
        "orderport: storage is unavailable: no server that takes writes can be reached"
    ]
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_one_line_and_status_1(
    settings: dict[str, str], workers: dict[str, str]
) -> None:
    with running() as other:
        port = other.url.rpartition(":")[2]
        ended = run_to_end({**settings, **workers, "ORDERPORT_PORT": port})
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0_and_every_worker_with_it(
    settings: dict[str, str], workers: dict[str, str], number: signal.Signals
) -> None:
    with running_on({**settings, **workers}) as service:
        order = an_order(service)
        order_ids = [made(service, "/orders/new", **order) for _ in range(20)]
        children = worker_pids(service)
        status, seconds = service.stop(number)
        assert (status, children) == (0, children)
        assert seconds < STOP_SECONDS
        assert not any(is_running(pid) for pid in children)
        for order_id in order_ids:
            assert len(service.events_of(order_id, 1)) == 1


def test_an_absent_kafka_at_the_start_slows_nothing_and_events_follow_once_it_is_there(
    settings: dict[str, str], kafka_server: KafkaServer
) -> None:
    (broker,) = kafka_server.processes
    broker.kill()
    try:
        with running(settings, stdout=subprocess.DEVNULL) as service:
            order = an_order(service)
            order_id = made(service, "/orders/new", **order)
            status, lines = ready(service)
            assert (status, lines[0]) == (200, "storage ok")
            assert lines[1].startswith("events degraded: ")
            broker.start()
            until(lambda: ready(service) == (200, ["storage ok", "events ok"]))
            with running_on(settings) as reader:
                assert len(reader.events_of(order_id, 1)) == 1
    finally:
        broker.start()


def test_ready_tells_the_truth_while_mongodb_freezes_and_thaws(
    settings: dict[str, str], mongo_server: MongoServer
) -> None:
    (node,) = mongo_server.processes
    with running_on(settings) as service:
        until(lambda: ready(service)[0] == 200)
        node.pause()
        try:
            status, lines = ready(service)
            assert status == 503
            assert lines[0] == "storage down: no answer in time"
            answer = make(service, "/products/new", name="Tea", stock=1)
            assert answer.status_code == 503
            assert answer.headers["retry-after"].isdigit()
        finally:
            node.resume()
        until(lambda: ready(service)[0] == 200)
        made(service, "/products/new", name="Tea", stock=1)


def test_a_missing_topic_is_named_and_the_service_stays_ready(settings: dict[str, str]) -> None:
    with running(
        {**settings, "ORDERPORT_KAFKA_TOPIC": "absent"}, stdout=subprocess.DEVNULL
    ) as service:
        made(service, "/orders/new", **an_order(service))
        assert ready(service) == (
            200,
            ["storage ok", "events degraded: topic absent does not exist"],
        )


def test_a_worker_that_dies_is_replaced_also_while_mongodb_is_away(
    settings: dict[str, str], mongo_server: MongoServer
) -> None:
    (node,) = mongo_server.processes
    with running_on({**settings, "ORDERPORT_WORKERS": "2"}) as service:
        node.kill()
        try:
            victim, other = worker_pids(service)
            os.kill(victim, signal.SIGKILL)
            until(lambda: len(set(worker_pids(service)) - {victim}) == 2)
            assert other in worker_pids(service)
            for _ in range(20):  # whichever of them answers
                assert ready(service)[0] == 503
        finally:
            node.start()
        until(lambda: all(ready(service)[0] == 200 for _ in range(20)))
        made(service, "/products/new", name="Tea", stock=1)


def test_no_worker_is_left_when_the_parent_is_killed(settings: dict[str, str]) -> None:
    with running_on({**settings, "ORDERPORT_WORKERS": "2"}) as service:
        children = worker_pids(service)
        assert len(children) == 2
        service.process.kill()
        until(lambda: not any(is_running(pid) for pid in children))


def test_concurrent_updates_through_two_processes_leave_no_gap_and_one_event_each(
    settings: dict[str, str],
) -> None:
    with running_on(settings) as service, running_on(settings) as other:
        order = an_order(service)
        order["_id"] = made(service, "/orders/new", **order)

        def update(number: int) -> int:
            url = (service, other)[number % 2].url
            answer = httpx.put(
                f"{url}/orders/update", json={**order, "status": f"step {number}"}, timeout=10
            )
            assert answer.status_code == 200, answer.text
            return int(answer.headers["etag"].strip('"'))

        with ThreadPoolExecutor(16) as pool:
            versions = sorted(pool.map(update, range(60)))
        assert versions == list(range(2, 62))
        events = service.events_of(str(order["_id"]), 61)
        assert [int(event.headers["ce_sequence"]) for event in events] == list(range(1, 62))


def worker_pids(service: ServiceProcess) -> list[int]:
    """Give the processes that the service started."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.fixture(autouse=True)
def _servers_are_back(mongo_server: MongoServer, kafka_server: KafkaServer) -> Iterator[None]:
    yield
    for server in (mongo_server, kafka_server):
        assert all(process.running for process in server.processes)
