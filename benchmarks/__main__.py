"""`python -m benchmarks`: measure the service beside its peers."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from benchmarks.contenders import COMMANDS, Contender, contending
from benchmarks.load import NoLoad, find_wrk
from benchmarks.operations import OPERATIONS, get_ready
from benchmarks.rates import measure_rates
from benchmarks.report import Json, fail, save, say
from tests.servers import KafkaServer, MongoServer, describe, start_kafka, start_mongod


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
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 7)
    arguments.seconds = arguments.seconds or (1.5 if arguments.quick else 5.0)
    return arguments


def _run(arguments: argparse.Namespace) -> None:
    say(*describe())
    with start_mongod() as mongo, start_kafka() as kafka, ExitStack() as stack:
        contenders = _start(stack, mongo, kafka, arguments.contender or list(COMMANDS))
        results: Json = {
            "rates": measure_rates(
                contenders,
                arguments.only or list(OPERATIONS),
                arguments.rounds,
                2 if arguments.quick else arguments.rounds,
                arguments.seconds,
            )
        }
    save("quick" if arguments.quick else "full", results)


def _start(
    stack: ExitStack, mongo: MongoServer, kafka: KafkaServer, names: list[str]
) -> Mapping[str, Contender]:
    contenders = {name: stack.enter_context(contending(name, mongo, kafka)) for name in names}
    for contender in contenders.values():
        get_ready(contender)
    return contenders


if __name__ == "__main__":
    sys.exit(main())
