"""A stop: status 0, soon, whatever clients do, and nothing that was promised is lost."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance.http.wire import Wire
from tests.harness.process import ServiceProcess, running
from tests.processes.traffic import answer_of, begin, new_customer, request_of

SOON = 4.0
"""Seconds, well within the contract's 10: nothing here has to be waited for."""

LOGIN = {"email": "nobody@example.test", "password": "x"}
HALF_A_BODY = b"POST /users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
HALF_A_HEAD = b"POST /users/login HTTP/1.1\r\nHos"


@pytest.fixture
def service() -> Iterator[ServiceProcess]:
    with running() as started:
        yield started


def is_refused(url: str) -> bool:
    """Whether nobody listens any more."""
    try:
        httpx.get(f"{url}/health/live")
    except httpx.ConnectError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0(service: ServiceProcess, number: signal.Signals) -> None:
    status, seconds = service.stop(number)
    assert status == 0
    assert seconds < SOON
    assert is_refused(service.url)
    assert "Traceback" not in service.log.read_text()


def test_a_second_signal_changes_nothing(service: ServiceProcess) -> None:
    with Wire(service.url) as wire:
        wire.send(HALF_A_BODY)
        service.process.send_signal(signal.SIGINT)
        service.process.send_signal(signal.SIGTERM)
        status, seconds = service.stop(signal.SIGINT)
    assert status == 0
    assert seconds < SOON


def test_clients_that_do_nothing_or_stop_halfway_are_cut(service: ServiceProcess) -> None:
    idle = [Wire(service.url) for _ in range(5)]
    for wire in idle:  # they keep their connections
        wire.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.answer().status == 200
    silent = [Wire(service.url) for _ in range(5)]
    halfway = [Wire(service.url) for _ in range(10)]
    for wire, sent in zip(halfway, [HALF_A_BODY, HALF_A_HEAD] * 5, strict=True):
        wire.send(sent)
    waiting = Wire(service.url)
    waiting.send(HALF_A_BODY[:-1].replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert waiting.answer().status == 100  # so its handler waits for the body

    status, seconds = service.stop()
    assert status == 0
    assert seconds < SOON
    answer = answer_of(waiting)
    assert answer is None or answer.status == 503
    for wire in idle + silent:
        assert wire.is_closed()
        wire.close()
    for wire in halfway:
        cut = answer_of(wire)
        assert cut is None or cut.status == 503


def test_logins_that_are_being_hashed_are_answered(service: ServiceProcess) -> None:
    wires = [begin(service.url, "POST", "/users/login", LOGIN) for _ in range(20)]
    first = answer_of(wires[0])  # the others are under way, or wait for the hasher
    assert first
    assert first.status == 401
    status, seconds = service.stop()
    assert status == 0
    assert seconds < SOON
    answers = [answer_of(wire) for wire in wires[1:]]
    assert [answer.status if answer else None for answer in answers] == [401] * 19


def test_every_order_that_was_answered_has_its_event(service: ServiceProcess) -> None:
    customer = new_customer(service.url, items=100)
    request = request_of("POST", "/orders/new", customer.order)

    def place_orders(_client: int) -> list[str]:
        placed: list[str] = []
        with Wire(service.url) as wire:
            while True:
                try:
                    wire.send(request)
                    answer = wire.answer()
                except ConnectionError:
                    return placed
                assert answer.status == 201
                placed.append(answer.data["_id"])

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(place_orders, number) for number in range(8)]
        service.events_of(customer.place_order(), 1)  # traffic flows
        status, seconds = service.stop()
        placed = {order_id for client in clients for order_id in client.result()}
    assert status == 0
    assert seconds < SOON
    assert placed
    for order_id in placed:
        (event,) = service.events_of(order_id, 1)
        assert event.headers["ce_sequence"] == "0000000001"
