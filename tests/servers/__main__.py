"""`python -m tests.servers`: download what the servers need, once, and say which they are."""

import sys

from tests.servers import describe, start_kafka, start_mongod, start_redis

if __name__ == "__main__":
    with start_mongod(), start_kafka(), start_redis():
        print(*describe(), sep="\n", file=sys.stderr)
