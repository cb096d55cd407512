"""Rates: every operation, each contender in turn, round after round."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.operations import OPERATIONS, Operation
from benchmarks.report import Json, row, say
from benchmarks.rounds import Round, argon2_rate, run_round

HASH_SECONDS = 4.0
"""No round is shorter where each request makes a password hash: some hundred of them are too few to count."""

Rounds = dict[str, list[Round]]


def measure_rates(
    contenders: Mapping[str, Contender],
    operations: Sequence[str],
    rounds: int,
    hash_rounds: int,
    seconds: float,
) -> Json:
    """Measure, print and give the figures of each operation."""
    results: Json = {}
    for name in operations:
        operation = OPERATIONS[name]
        length = max(seconds, HASH_SECONDS) if operation.is_hash else seconds
        done: Rounds = {contender: [] for contender in contenders}
        alone: list[float] = []
        for _ in range(hash_rounds if operation.is_hash else rounds):
            if operation.is_hash:
                alone.append(argon2_rate(length))
            for contender in contenders.values():
                done[contender.name].append(run_round(contender, operation, length))
        results[name] = _summary(done, alone)
        _print(name, operation, results[name])
    return results


def _summary(done: Rounds, alone: Sequence[float]) -> Json:
    summary: Json = {
        "contenders": {
            name: {
                "rate": median(one.rate for one in rounds),
                "p50_ms": 1000 * median(one.p50 for one in rounds),
                "p99_ms": 1000 * median(one.p99 for one in rounds),
                "cpu": {
                    process: median(one.cpu[process] for one in rounds) for process in rounds[0].cpu
                },
                "rounds": [asdict(one) for one in rounds],
            }
            for name, rounds in done.items()
        }
    }
    ours = [one.rate for one in done["orderport"]]
    for name, rounds in done.items():
        if name != "orderport":
            summary[f"of_{name}"] = _ratio(ours, [one.rate for one in rounds])
    if alone:
        summary["argon2"] = alone
        summary["of_argon2"] = _ratio(ours, alone)
        for name, rounds in done.items():
            live = median(one.live_p99 or 0.0 for one in rounds)
            summary["contenders"][name]["live_p99_ms"] = 1000 * live
    return summary


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> Json:
    """Compare round by round: what disturbs the machine disturbs neighbours alike."""
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    return {"median": median(ratios), "lowest": min(ratios), "highest": max(ratios)}


def _print(name: str, operation: Operation, summary: Json) -> None:
    say("", name)
    say(row("", "req/s", "p50 ms", "p99 ms", "CPU s/1000:", "service", "mongod", "broker"))
    for contender, figures in summary["contenders"].items():
        cpu: Mapping[str, Any] = figures["cpu"]
        failed = sum(one["failed"] for one in figures["rounds"])
        more = f"   turned away {failed}" if failed else ""
        more += f"   live p99 {figures['live_p99_ms']:.1f} ms" if operation.is_hash else ""
        say(
            row(
                contender,
                f"{figures['rate']:,.0f}",
                f"{figures['p50_ms']:.1f}",
                f"{figures['p99_ms']:.1f}",
                "",
                *(f"{cpu[process]:.3f}" for process in ("service", "mongod", "broker")),
            )
            + more
        )
    for key, ratio in summary.items():
        if key.startswith("of_"):
            other = key.removeprefix("of_")
            spread = f"{ratio['lowest']:.2f} to {ratio['highest']:.2f}"
            say(f"  orderport : {other} = {ratio['median']:.2f} ({spread})")
