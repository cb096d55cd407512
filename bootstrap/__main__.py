"""The command line: `orderport`, or `python -m bootstrap`."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.metadata import version

import uvloop

from bootstrap.arguments import add_commands
from bootstrap.contract import add_contract
from bootstrap.settings import read_settings
from core.domain.errors import (
    EventsUnavailable,
    Invalid,
    NotFound,
    OrderportError,
    StorageUnavailable,
    WrongSettings,
)

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
    serve.set_defaults(run=_serve, listening=None)
    worker = commands.add_parser("worker")  # without help it is not listed: `serve` starts it
    worker.add_argument("listening", type=int)
    worker.set_defaults(run=_serve)
    add_commands(commands)
    add_contract(commands)
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        return int(arguments.run(arguments))
    except OrderportError as error:
        for problem in _problems(error):
            print(f"orderport: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:  # whoever read has seen enough; Python would complain once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _problems(error: Exception) -> Sequence[str]:
    """Say in a line each what stopped a command."""
    match error:
        case WrongSettings():
            return error.problems
        case Invalid():
            return [f"{fault.field} {fault.reason}" for fault in error.faults]
        case NotFound():
            return [f"there is no such {error}"]
        case StorageUnavailable():
            return [f"storage is unavailable: {error}"]
        case EventsUnavailable():
            return [f"events are unavailable: {error}"]
        case _:
            return [str(error)]


def _serve(arguments: argparse.Namespace) -> int:
    """Serve on the socket of that descriptor as one worker of several, or on one of its own."""
    # Only here, because they bring the web framework: the commands of operators start in half the time without it.
    from bootstrap.serving import listen, serve_alone, serve_beside_others  # noqa: PLC0415
    from bootstrap.workers import supervise  # noqa: PLC0415

    settings = read_settings(os.environ)
    if arguments.listening is not None:
        uvloop.run(serve_beside_others(settings, socket.socket(fileno=arguments.listening)))
    elif settings.workers > 1:
        uvloop.run(supervise(settings, listen(settings.host, settings.port)))
    else:
        uvloop.run(serve_alone(settings, listen(settings.host, settings.port)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
