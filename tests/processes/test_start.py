"""How the process starts, or says in one line each why it does not."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

import httpx
import pytest

from tests.harness.process import MEMORY, SERVE, free_port, run_to_end, running
from tests.processes.traffic import new_customer


def complaints(settings: Mapping[str, str]) -> list[str]:
    """Start what cannot start; give its lines, without what stands before each."""
    began = perf_counter()
    ended = run_to_end(settings)
    assert perf_counter() - began < 10
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert all(line.startswith("orderport: ") for line in lines), ended.stderr
    return [line.removeprefix("orderport: ") for line in lines]


def test_an_unknown_adapter_is_answered_with_the_known_ones() -> None:
    storage, events = complaints({"ORDERPORT_STORAGE": "stone", "ORDERPORT_EVENTS": "smoke"})
    for line, variable, name in (
        (storage, "ORDERPORT_STORAGE", "'stone'"),
        (events, "ORDERPORT_EVENTS", "'smoke'"),
    ):
        assert variable in line
        assert name in line
        assert "memory" in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ORDERPORT_PORT", "http"),
        ("ORDERPORT_PORT", "-1"),
        ("ORDERPORT_PORT", "65536"),
        ("ORDERPORT_PORT", "80.0"),
        ("ORDERPORT_PORT", "0000000000099999"),
        ("ORDERPORT_WORKERS", "0"),
        ("ORDERPORT_WORKERS", "many"),
        ("ORDERPORT_PORT_FILE", "/nothing/here"),
        ("ORDERPORT_PORT_FILE", "/"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    (line,) = complaints({**MEMORY, variable: value})
    assert line.startswith(f"{variable}: ")
    assert value in line


def test_all_wrong_settings_are_named_at_once() -> None:
    lines = complaints(
        {
            "ORDERPORT_STORAGE": "stone",
            "ORDERPORT_EVENTS": "smoke",
            "ORDERPORT_PORT": "http",
            "ORDERPORT_WORKERS": "0",
            "ORDERPORT_HOST_FILE": "/nothing/here",
        }
    )
    names = sorted(line.partition(":")[0].removeprefix("ORDERPORT_") for line in lines)
    assert names == ["EVENTS", "HOST_FILE", "PORT", "STORAGE", "WORKERS"]


def test_two_workers_cannot_share_one_memory() -> None:
    (line,) = complaints({**MEMORY, "ORDERPORT_WORKERS": "2"})
    assert line.startswith("ORDERPORT_WORKERS: ")
    assert "memory" in line


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_named(taken_port: int) -> None:
    (line,) = complaints({**MEMORY, "ORDERPORT_PORT": str(taken_port)})
    assert str(taken_port) in line
    assert "in use" in line


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "192.0.2.1", "a..b", "x" * 70, "\u00e4" * 70]
)
def test_a_host_that_cannot_be_listened_on_is_named(host: str) -> None:
    port = str(free_port())
    (line,) = complaints({**MEMORY, "ORDERPORT_HOST": host, "ORDERPORT_PORT": port})
    assert host in line


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"], ids=repr)
def test_a_setting_may_be_given_as_a_file(tmp_path: Path, ending: str) -> None:
    port = free_port()
    file = tmp_path / "port"
    file.write_bytes(f"{port}{ending}".encode())
    # An empty value counts as unset, so it does not stand beside its file.
    settings = {**MEMORY, "ORDERPORT_PORT": "", "ORDERPORT_PORT_FILE": str(file)}
    with running(settings, port=port) as service:
        assert httpx.get(f"{service.url}/health/live").status_code == 200


def test_of_a_file_only_one_line_end_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "port"
    for content in (b"80\n\n", b" 80", b"80 \n", b"\xff"):
        file.write_bytes(content)
        (line,) = complaints({**MEMORY, "ORDERPORT_PORT_FILE": str(file)})
        assert line.startswith("ORDERPORT_PORT")


def test_both_a_value_and_its_file_are_a_wrong_setting(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("8000\n")
    settings = {"ORDERPORT_PORT": "8000", "ORDERPORT_PORT_FILE": str(file)}
    (line,) = complaints({**MEMORY, **settings})
    assert line.startswith("ORDERPORT_PORT: ")
    assert "ORDERPORT_PORT_FILE" in line


def test_an_empty_value_counts_as_unset() -> None:
    empty = {"ORDERPORT_HOST": "", "ORDERPORT_WORKERS": "", "ORDERPORT_HOST_FILE": ""}
    with running({**MEMORY, **empty}) as service:
        assert httpx.get(f"{service.url}/health/live").status_code == 200


def test_the_topic_can_be_named() -> None:
    with running({**MEMORY, "ORDERPORT_KAFKA_TOPIC": "changes"}) as service:
        (event,) = service.events_of(new_customer(service.url).place_order(), 1)
    assert event.topic == "changes"


def test_it_also_starts_as_a_module() -> None:
    with running(command=(sys.executable, "-m", "bootstrap", "serve")) as service:
        assert httpx.get(f"{service.url}/health/ready").status_code == 200
        status, _ = service.stop()
    assert status == 0


def test_it_serves_on_ipv6_too() -> None:
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):  # noqa: PTH110
        pytest.skip("this machine has no IPv6")
    with running({**MEMORY, "ORDERPORT_HOST": "::1"}, host="[::1]") as service:
        assert httpx.get(f"{service.url}/health/live").status_code == 200


def test_a_wrong_command_line_says_how_it_goes() -> None:
    for arguments in ((), ("nonsense",), ("serve", "more")):
        ended = run_to_end(MEMORY, (SERVE[0], *arguments))
        assert ended.returncode == 2
        assert "usage: orderport" in ended.stderr
