"""Two processes on the plug-ins of this repository, SQLite and Redis: whatever is killed, file and stream agree."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.harness.on_plugins import running_on, settings_for
from tests.harness.process import BIN, run_to_end
from tests.processes.test_on_servers import until, worker_pids
from tests.processes.traffic import Customer, new_customer
from tests.servers import RedisServer

ORDERS = 60
KILLED_AT = 20


def update(customer: Customer, order_id: str, number: int) -> int:
    """Place an order, or none where the worker dies; give the status of its update."""
    body = {**customer.order, "_id": order_id, "status": f"step {number}"}
    try:
        return httpx.put(f"{customer.url}/orders/update", json=body, timeout=10).status_code
    except httpx.TransportError:
        return 0


def ask(settings: dict[str, str], *command: str) -> list[Any]:
    """Give what a command of operators prints, beside the service."""
    ended = run_to_end(settings, [BIN / "orderport", *command, "--json"])
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_killed_worker_and_a_killed_redis_cost_no_event_and_no_order_of_them(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = settings_for(tmp_path, redis_server) | {"ORDERPORT_WORKERS": "2"}
    with running_on(settings) as service:
        customer = new_customer(service.url)
        order_id = customer.place_order()
        redis_server.kill()

        def work(number: int) -> int:
            if number == KILLED_AT:
                os.kill(worker_pids(service)[0], signal.SIGKILL)
            return update(customer, order_id, number)

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(work, range(ORDERS)))
        assert set(statuses) <= {200, 0}
        accepted = statuses.count(200)
        assert accepted >= ORDERS // 2
        assert len(ask(settings, "events", "pending")) == 1
        redis_server.start()
        until(lambda: ask(settings, "events", "pending") == [])
        (verification,) = ask(settings, "verify-events")
        assert verification["agrees"] is True

        events = service.events_of(order_id, accepted + 1)
        versions = [int(event.headers["ce_sequence"]) for event in events]
        first_deliveries = list(dict.fromkeys(versions))
        assert first_deliveries == list(range(1, len(first_deliveries) + 1))
        assert len(first_deliveries) > accepted
