"""`orderport contract http`: what it quotes, sends and prints, and how it ends."""

import argparse
import os
import pty
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import RawIOBase
from pathlib import Path

import pytest

from adapters.outbound.memory import MemoryStorage
from bootstrap.contract import add_contract
from conformance.command import UNUSABLE, Options, run
from conformance.http import topic
from conformance.http.client import Api, CheckedWire
from conformance.http.journal import SAFE, NotSafe, journal
from tests.contract.http.variants import Broken, Exchanged
from tests.harness.embedded import embedded
from tests.harness.process import BIN, environment, free_port


def test_a_safe_run_sends_nothing_but_what_is_safe(tmp_path: Path) -> None:
    methods: list[str] = []

    def note(it: Exchanged) -> None:
        methods.append(it.method)

    with embedded(MemoryStorage(), wrap=Broken(note).wrap) as url:
        ran = on_a_terminal(tmp_path, "--url", url, "--safe")
    assert ran.returncode == 0, ran.stdout
    assert set(methods) == SAFE
    assert len(methods) > 500
    assert re.search(r"^[\d,]+ checks made, [\d,]+ passed, 0 breaches", ran.stdout, re.MULTILINE)
    assert "checks not made: --safe makes only those checks that change nothing" in ran.stdout


def on_a_terminal(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a terminal for its standard error, and see that a bar is drawn there."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor() as reader, os.fdopen(ours, "rb", buffering=0) as screen:
        drawn = reader.submit(read_to_end, screen)
        ran = subprocess.run(
            [BIN / "orderport", "contract", "http", *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            env=environment({"TERM": "xterm"}),
            check=False,
        )
        os.close(theirs)
        assert re.search(rb"\d+/\d+", drawn.result())
    assert list(folder.iterdir()) == []
    return ran


def read_to_end(screen: RawIOBase) -> bytes:
    drawn = b""
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while chunk := screen.read(65_536):
            drawn += chunk
    return drawn


def test_in_a_safe_run_nothing_else_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "only_safe", True)
    with embedded(MemoryStorage()) as url, Api(url) as api, CheckedWire(url) as wire:
        assert api.get("/users/x").status == 400
        with pytest.raises(NotSafe):
            api.post("/products/new", {})
        with pytest.raises(NotSafe):
            wire.begin("DELETE", "/users/x")
        with pytest.raises(NotSafe):
            wire.send(b"BREW / HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "http://127.0.0.1:{port}",
            "nothing serves at http://127.0.0.1:{port}: connection refused",
        ),
        ("http://127.0.0.1:{port}/api", "nothing may follow its name and port"),
        ("127.0.0.1:{port}", "is no address of a server"),
        ("ftp://127.0.0.1", "is no address of a server"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://", "is no address of a server"),
    ],
)
def test_what_cannot_be_checked_is_a_clear_line_and_status_2(
    capsys: pytest.CaptureFixture[str], url: str, said: str
) -> None:
    port = free_port()
    assert run(Options(url=url.format(port=port))) == UNUSABLE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert said.format(port=port) in printed.err


def test_a_report_that_cannot_be_written_is_told_before_all_is_done(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with embedded(MemoryStorage()) as url:
        assert run(Options(url=url, junit=tmp_path)) == UNUSABLE
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"orderport: {tmp_path} cannot be written: Is a directory"


def test_brokers_that_are_not_there_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic, "SECONDS", 1)
    kafka = f"127.0.0.1:{free_port()}"
    with embedded(MemoryStorage()) as url:
        assert run(Options(url=url, kafka=kafka, topic="orders")) == UNUSABLE
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"orderport: the topic orders at {kafka} cannot be read: ")


def run_with(parser: argparse.ArgumentParser, options: list[str]) -> None:
    arguments = parser.parse_args(["contract", "http", *options])
    arguments.run(arguments)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--url"),
        (["--url", "http://x", "--kafka", "x:1"], "--kafka and --topic belong together"),
        (["--url", "http://x", "--topic", "x"], "--kafka and --topic belong together"),
        (["--url", "http://x", "--kafka-settings", "x"], "with --kafka and --topic only"),
        (
            ["--url", "http://x", "--safe", "--kafka", "x:1", "--topic", "x"],
            "there are no events to read",
        ),
    ],
)
def test_wrong_usage_is_told_and_is_status_2(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    parser = argparse.ArgumentParser()
    add_contract(parser.add_subparsers())
    with pytest.raises(SystemExit) as stopped:
        run_with(parser, options)
    assert stopped.value.code == UNUSABLE
    assert said in capsys.readouterr().err


def test_settings_of_kafka_that_cannot_be_read_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "kafka"
    with embedded(MemoryStorage()) as url:
        options = Options(url=url, kafka="x:1", topic="x", kafka_settings=file)
        assert run(options) == UNUSABLE
        assert f"{file} cannot be read" in capsys.readouterr().err
        file.write_text("# a comment\n\nsecurity.protocol SSL\n")
        assert run(options) == UNUSABLE
        assert "each line is name=value" in capsys.readouterr().err
        file.write_text("no.such.setting=1\n")
        assert run(options) == UNUSABLE
        assert "no.such.setting" in capsys.readouterr().err


def test_what_schemathesis_finds_is_told_with_the_command_that_it_gives(tmp_path: Path) -> None:
    def lose_vary(it: Exchanged) -> None:
        it.headers.pop(b"vary", None)

    with embedded(MemoryStorage(), wrap=Broken(lose_vary).wrap) as url:
        ran = on_a_terminal(tmp_path, "--url", url, "--safe", "-k", "test_schemathesis")
    assert ran.returncode == 1
    assert re.search(
        r"^  expected  spec/openapi.yaml, as schemathesis reads it$", ran.stdout, re.MULTILINE
    )
    assert re.search(r"the first: GET /\w+/{id}$", ran.stdout, re.MULTILINE)
    assert re.search(rf"^  repeat    curl .*{url}/\w+/\w+$", ran.stdout, re.MULTILINE)
