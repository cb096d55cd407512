"""The process beside the servers, which ends them and removes their folder when they are no longer wanted.

That is when its standard input ends, as it does however the process at the other end is gone. It stands
alone, with the standard library only, so that it is there at once.
"""

import os
import shutil
import signal
import sys
import time


def main(folder: str) -> None:
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    group = os.getpid()
    if os.fork():
        while True:
            signal.pause()  # leads the servers' process group, so that its number stays theirs
    os.setpgid(0, 0)
    sys.stdin.buffer.read()
    os.killpg(group, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while os.path.exists(folder) and time.monotonic() < deadline:  # noqa: PTH110 - pathlib is slow to import
        shutil.rmtree(folder, ignore_errors=True)  # a server at its last breath may still write
        time.sleep(0.005)


if __name__ == "__main__":
    main(sys.argv[1])
