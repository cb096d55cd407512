"""Real servers for the tests, and for trying things by hand, without containers."""

from tests.servers import kafka, mongod
from tests.servers.kafka import KafkaServer, start_kafka
from tests.servers.mongod import MongoServer, start_mongod
from tests.servers.process import ServerFailed

__all__ = [
    "KafkaServer",
    "MongoServer",
    "ServerFailed",
    "describe",
    "start_kafka",
    "start_mongod",
]


def describe() -> list[str]:
    """Tell which servers this run takes, a line each: for `pytest_report_header`."""
    return [mongod.describe(), kafka.describe()]
