"""One round: an operation, asked of one contender for some seconds, and what it took."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.load import Clients, Load, NoLoad, load, loading
from benchmarks.operations import Operation

HASHING = Clients(ending_seconds=3)
LIVE = Clients(connections=1, pause_seconds=0.005)
TICKS = os.sysconf("SC_CLK_TCK")

ARGON2 = """
import os, sys, time
from concurrent.futures import ThreadPoolExecutor
from argon2 import PasswordHasher
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
end = time.monotonic() + float(sys.argv[1])
def work(number):
    count = 0
    while time.monotonic() < end:
        hasher.hash("correct horse battery")
        count += 1
    return count
threads = os.cpu_count()
with ThreadPoolExecutor(threads) as pool:
    print(sum(pool.map(work, range(threads))) / float(sys.argv[1]))
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What was measured: requests a second, latencies in seconds, CPU seconds for 1,000 requests of each process.

    `failed` requests were turned away, and count for nothing else. `live_p99` is that of
    `/health/live` at the same time, where it was asked.
    """

    rate: float
    failed: int
    p50: float
    p99: float
    cpu: Mapping[str, float]
    live_p99: float | None = None


def run_round(
    contender: Contender, operation: Operation, seconds: float, *, events: bool = True
) -> Round:
    """Run one round, on 64 connections, to the last of its events, unless none can come."""
    requests = operation.requests(contender)
    before = cpu_seconds(contender)
    live: Load | None = None
    if operation.is_hash:
        with loading(contender.url, ["GET /health/live"], seconds, LIVE) as asking:
            counted = load(contender.url, requests, seconds, HASHING)
            live = asking.wait()
    else:
        counted = load(contender.url, requests, seconds)
    if counted.failed and not operation.is_hash:
        raise NoLoad(f"{contender.name}: {counted.failed} requests failed")
    if operation.is_change and events:
        contender.await_events(counted.requests)
    after = cpu_seconds(contender)
    cpu = {name: (after[name] - before[name]) / counted.requests * 1000 for name in before}
    return Round(
        counted.rate, counted.failed, counted.p50, counted.p99, cpu, live.p99 if live else None
    )


def cpu_seconds(contender: Contender) -> Mapping[str, float]:
    """Give what each process has used so far, of all cores."""
    processes = {
        "service": contender.pid,
        "mongod": contender.mongo.pid,
        "broker": contender.kafka.pid,
    }
    return {name: _cpu_seconds(pid) for name, pid in processes.items()}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def argon2_rate(seconds: float) -> float:
    """Give how many hashes a second all cores make when they do nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", ARGON2, str(seconds)], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout)
