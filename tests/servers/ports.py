"""Ports of the loopback interface."""

import random
import socket
from itertools import islice


def free_ports(count: int) -> list[int]:
    """Give ports that nobody uses.

    They lie under the range from which outgoing connections take theirs: there a client that tries to reach
    a killed server could take its port, so that the server could not come back.
    """
    candidates = random.sample(range(20_000, 32_000), 1_000)
    return list(islice(filter(_is_free, candidates), count))


def listens(port: int) -> bool:
    """Tell whether connections to this port are accepted."""
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
