"""`python -m benchmarks`: measure the service beside its peers."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from benchmarks.contenders import COMMANDS, Contender, contending
from benchmarks.growth import measure_growth
from benchmarks.latency import measure_alone, measure_delivery
from benchmarks.load import NoLoad, find_wrk
from benchmarks.memory import measure_memory
from benchmarks.operations import OPERATIONS, get_ready
from benchmarks.plot import draw
from benchmarks.rates import measure_rates
from benchmarks.report import Json, fail, save, say
from tests.servers import KafkaServer, MongoServer, describe, start_kafka, start_mongod

PARTS = ("rates", "latency", "memory", "growth")
LONG_SECONDS = 4.0
SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)


def main() -> int:
    """Measure, and give the exit status."""
    arguments = _arguments()
    try:
        find_wrk()
        _run(arguments)
    except (NoLoad, AssertionError) as error:
        return fail(str(error))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="these alone")
    parser.add_argument("--quick", action="store_true", help="in brief, under 3 minutes")
    parser.add_argument("--rounds", type=int, help="rounds of each operation")
    parser.add_argument("--seconds", type=float, help="seconds of a round")
    parser.add_argument(
        "--only", action="append", choices=OPERATIONS, help="this operation; may be given again"
    )
    parser.add_argument(
        "--contender", action="append", choices=COMMANDS, help="this one; may be given again"
    )
    arguments = parser.parse_args()
    arguments.parts = arguments.parts or ["rates", "latency"]
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 7)
    arguments.seconds = arguments.seconds or (1.0 if arguments.quick else 5.0)
    arguments.only = arguments.only or list(OPERATIONS)
    arguments.contender = arguments.contender or list(COMMANDS)
    return arguments


def _run(arguments: argparse.Namespace) -> None:
    say(*describe())
    rounds, seconds = arguments.rounds, arguments.seconds
    results: Json = {}
    with start_mongod() as mongo, start_kafka() as kafka, ExitStack() as stack:
        contenders = _start(stack, mongo, kafka, arguments.contender)
        ours = contenders["orderport"]
        if "rates" in arguments.parts:
            hash_rounds = 1 if arguments.quick else rounds
            results["rates"] = measure_rates(
                contenders, arguments.only, rounds, hash_rounds, seconds
            )
        if "latency" in arguments.parts:
            results["alone"] = measure_alone(contenders, 1 if arguments.quick else rounds, seconds)
            results["delivery"] = measure_delivery(ours, max(2 * seconds, LONG_SECONDS))
        if "growth" in arguments.parts:  # before a million orders are stored
            sizes = QUICK_SIZES if arguments.quick else SIZES
            results["growth"] = measure_growth(ours, sizes, rounds, seconds)
        if "memory" in arguments.parts:
            results["memory"] = measure_memory(ours, 10_000 if arguments.quick else 1_000_000)
    name = "-".join(arguments.parts)
    save(f"{name}-quick" if arguments.quick else name, results)
    if "rates" in arguments.parts and not arguments.quick:
        draw(results["rates"])


def _start(
    stack: ExitStack, mongo: MongoServer, kafka: KafkaServer, names: list[str]
) -> Mapping[str, Contender]:
    contenders = {name: stack.enter_context(contending(name, mongo, kafka)) for name in names}
    for contender in contenders.values():
        get_ready(contender)
    return contenders


if __name__ == "__main__":
    sys.exit(main())
