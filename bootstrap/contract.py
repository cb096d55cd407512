"""The command line of the checks that hold any server to the contract; what they need is an extra."""

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # which has no public name, and no type parameters at run time
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

EXTRA = {"confluent_kafka", "httpx", "hypothesis", "jsonschema", "pytest", "referencing"}
WRONG_USAGE = 2


def add_contract(subparsers: "Subparsers") -> None:
    """Add what those do who run a server that is to keep the contract."""
    kinds = subparsers.add_parser(
        "contract",
        help="hold a server to the contract",
        description="Hold a server to the published contract. See docs/conformance.md.",
    ).add_subparsers(metavar="KIND", required=True)
    http = kinds.add_parser(
        "http",
        help="check the HTTP API of any server, from outside",
        description="Check the HTTP API of any server, from outside. Registers customers, products and orders there "
        "and leaves them behind, unless --safe is given. Status 0: the contract is kept; 1: it is broken; 2: the "
        "checks could not be made.",
    )
    http.add_argument("--url", required=True, help="the server: http://127.0.0.1:8000")
    http.add_argument("--kafka", metavar="HOST:PORT", help="the brokers that its events go to")
    http.add_argument("--topic", help="the topic there")
    http.add_argument(
        "--kafka-settings",
        metavar="FILE",
        type=Path,
        help="librdkafka's settings for TLS and SASL, a name=value a line",
    )
    http.add_argument(
        "--safe", action="store_true", help="only what changes nothing: GET, HEAD and OPTIONS"
    )
    http.add_argument("--junit", metavar="FILE", type=Path, help="write a JUnit report too")
    http.add_argument("-k", metavar="WORDS", dest="only", help="only checks of such names: 'price'")
    http.set_defaults(run=lambda arguments: _check_http(http, arguments))


def _check_http(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    if bool(arguments.kafka) != bool(arguments.topic):
        parser.error("--kafka and --topic belong together")
    if arguments.kafka_settings and not arguments.kafka:
        parser.error("--kafka-settings are of use with --kafka and --topic only")
    if arguments.safe and arguments.kafka:
        parser.error("--safe changes no order, so there are no events to read: leave out --kafka")
    try:
        from conformance.command import Options, run  # noqa: PLC0415 - an extra; nothing else needs it
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        print(
            f"orderport: the checks need more packages, {error.name} among them: "
            "pip install 'orderport[contract]'",
            file=sys.stderr,
        )
        return WRONG_USAGE
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return run(
        Options(
            url=arguments.url,
            kafka=arguments.kafka or "",
            topic=arguments.topic or "",
            kafka_settings=arguments.kafka_settings,
            safe=arguments.safe,
            junit=arguments.junit,
            only=arguments.only or "",
        )
    )
