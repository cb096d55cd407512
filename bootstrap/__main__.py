"""The command line: `orderport`, or `python -m bootstrap`."""

import argparse
import logging
import os
import sys
from importlib.metadata import version

import uvloop

from bootstrap.serving import PortUnavailable, listen, serve
from bootstrap.settings import read_settings
from core.domain.errors import StorageUnavailable, WrongSettings

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main() -> int:
    """Run the command that the arguments name and give its exit status."""
    parser = argparse.ArgumentParser(prog="orderport", description="A small commerce back end.")
    parser.add_argument("--version", action="version", version=f"orderport {version('orderport')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "serve",
        help="serve the HTTP API",
        description="Serve the HTTP API until SIGTERM or Ctrl-C. Settings come from the environment: see the README.",
    )
    parser.parse_args()
    return run_serve()


def run_serve() -> int:
    """Serve; 0 after a stop by signal, 1 with one line for each problem where it could not start."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        settings = read_settings(os.environ)
        uvloop.run(serve(settings, listen(settings.host, settings.port)))
    except WrongSettings as error:
        return _fail(*error.problems)
    except PortUnavailable as error:
        return _fail(str(error))
    except StorageUnavailable as error:
        return _fail(f"storage is unavailable: {error}")
    return 0


def _fail(*problems: str) -> int:
    for problem in problems:
        print(f"orderport: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
