"""Real servers for the tests, and for trying things by hand, without containers."""

from tests.servers import kafka, mongod, redis
from tests.servers.kafka import KafkaServer, start_kafka
from tests.servers.mongod import MongoServer, start_mongod
from tests.servers.process import ServerFailed
from tests.servers.redis import RedisServer, start_redis

__all__ = [
    "KafkaServer",
    "MongoServer",
    "RedisServer",
    "ServerFailed",
    "describe",
    "start_kafka",
    "start_mongod",
    "start_redis",
]


def describe() -> list[str]:
    """Tell which servers this run takes, a line each: for `pytest_report_header`."""
    return [mongod.describe(), kafka.describe(), redis.describe()]
