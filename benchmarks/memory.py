"""Memory of one worker, over many requests and under the largest bodies."""

import json
from pathlib import Path

from bson import ObjectId

from benchmarks.contenders import Contender
from benchmarks.load import load
from benchmarks.operations import place_orders
from benchmarks.report import Json, say

SECONDS = 10.0
STEP = 100_000


def measure_memory(contender: Contender, most_requests: int) -> Json:
    """Place so many orders and look at the memory after every STEP; then send the largest bodies."""
    done, next_look = 0, STEP
    resident: dict[int, float] = {0: _mebibytes(contender, "VmRSS")}
    while done < most_requests:
        counted = load(contender.url, place_orders(contender), SECONDS)
        contender.await_events(counted.requests)
        done += counted.requests
        if done >= next_look or done >= most_requests:
            resident[done] = _mebibytes(contender, "VmRSS")
            next_look += STEP
    largest = _largest_bodies(contender)
    counted = load(contender.url, largest, SECONDS)
    contender.await_events(counted.requests)
    peak = _mebibytes(contender, "VmHWM")
    say("", "Memory of one worker, in MiB")
    say(*(f"  after {count:>9,} orders {size:8.0f}" for count, size in resident.items()))
    say(f"  most, with bodies of 1 MiB and 1,000 items {peak:6.0f}")
    return {"resident": resident, "peak": peak}


def _largest_bodies(contender: Contender) -> list[str]:
    """Orders of 1,000 items, padded by a field that nobody reads to just under 1 MiB."""
    items = [
        {"product_id": contender.known["products"][number], "quantity": 1}
        for number in range(1_000)
    ]
    order = {
        "customer_id": contender.known["customers"][0],
        "price": 12.5,
        "items": items,
        "status": "new",
        "unread": "",
    }
    room = 1_048_576 - len(json.dumps(order))
    return [f"POST /orders/new {json.dumps(order | {'unread': str(ObjectId()) * (room // 24)})}"]


def _mebibytes(contender: Contender, name: str) -> float:
    lines = Path(f"/proc/{contender.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
