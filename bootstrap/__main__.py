"""The command line: `orderport`, or `python -m bootstrap`."""

import argparse
import logging
import os
import socket
import sys
from importlib.metadata import version

import uvloop

from bootstrap.serving import PortUnavailable, listen, serve_alone, serve_beside_others
from bootstrap.settings import read_settings
from bootstrap.workers import supervise
from core.domain.errors import StorageUnavailable, WrongSettings

LOG_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def main() -> int:
    """Run the command that the arguments name and give its exit status."""
    parser = argparse.ArgumentParser(prog="orderport", description="A small commerce back end.")
    parser.add_argument("--version", action="version", version=f"orderport {version('orderport')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve the HTTP API",
        description="Serve the HTTP API until SIGTERM or Ctrl-C. Settings come from the environment: see the README.",
    )
    serve.set_defaults(listening=None)
    worker = commands.add_parser("worker")  # without help it is not listed: `serve` starts it
    worker.add_argument("listening", type=int)
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        _serve(arguments.listening)
    except WrongSettings as error:
        return _fail(*error.problems)
    except PortUnavailable as error:
        return _fail(str(error))
    except StorageUnavailable as error:
        return _fail(f"storage is unavailable: {error}")
    return 0


def _serve(listening: int | None) -> None:
    """Serve on the socket of that descriptor as one worker of several, or on one of its own."""
    settings = read_settings(os.environ)
    if listening is not None:
        uvloop.run(serve_beside_others(settings, socket.socket(fileno=listening)))
    elif settings.workers > 1:
        uvloop.run(supervise(settings, listen(settings.host, settings.port)))
    else:
        uvloop.run(serve_alone(settings, listen(settings.host, settings.port)))


def _fail(*problems: str) -> int:
    for problem in problems:
        print(f"orderport: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
