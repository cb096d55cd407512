"""Events go to standard output; nobody has to read it for the service to serve."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from time import monotonic, sleep

import pytest

from tests.harness.event_lines import gather
from tests.harness.process import BIN, ServiceProcess, running
from tests.processes.traffic import Customer, new_customer

SECONDS = 10.0


@contextmanager
def unread() -> Iterator[ServiceProcess]:
    """A service whose standard output is a pipe that nobody reads."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe, running(stdout=pipe) as service:
            yield service
    finally:
        os.close(reading)


@contextmanager
def unwanted() -> Iterator[ServiceProcess]:
    """A service whose standard output is a pipe that its reader has closed."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe, running(stdout=pipe) as service:
        yield service


@contextmanager
def absent() -> Iterator[ServiceProcess]:
    """A service that was started without a standard output."""
    start = "import os, sys; os.close(1); os.execv(sys.argv[1], sys.argv[1:])"
    command = (sys.executable, "-c", start, BIN / "orderport", "serve")
    with running(command=command) as service:
        yield service


def await_degraded(customer: Customer) -> str:
    """Place orders until health tells that their events wait; give what it says."""
    deadline = monotonic() + SECONDS
    while monotonic() < deadline:
        customer.place_order()
        answer = customer.ready()
        assert answer.status_code == 200
        storage, events = answer.text.splitlines()
        assert storage == "storage ok"
        if events != "events ok":
            return events
        sleep(0.1)  # health is asked for, it does not call
    raise AssertionError("events are not degraded")


OUTPUTS: Mapping[str, Callable[[], AbstractContextManager[ServiceProcess]]] = {
    "unread": unread,
    "unwanted": unwanted,
    "absent": absent,
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_that_takes_nothing_holds_up_no_request_and_no_stop(output: str) -> None:
    with OUTPUTS[output]() as service:
        customer = new_customer(service.url, items=1_000)
        assert await_degraded(customer).startswith("events degraded: ")
        began = monotonic()
        for _ in range(20):
            customer.place_order()
        assert monotonic() - began < SECONDS
        assert customer.ready().status_code == 200
        status, seconds = service.stop()
        assert "Traceback" not in service.log.read_text()
    assert status == 0
    assert seconds < SECONDS


def test_an_output_that_is_read_late_gets_every_event() -> None:
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb") as lines,
        os.fdopen(writing, "wb") as pipe,
        running(stdout=pipe) as service,
        ThreadPoolExecutor() as reader,
    ):
        pipe.close()  # the service has its own end, so the lines end with it
        customer = new_customer(service.url, items=1_000)
        placed = [customer.place_order() for _ in range(10)]
        await_degraded(customer)
        gathered = reader.submit(gather, lines, service.events)
        for order_id in placed:
            service.events.of(order_id, 1, seconds=2 * SECONDS)
        status, _ = service.stop()
        gathered.result()
    assert status == 0
