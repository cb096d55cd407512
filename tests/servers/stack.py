"""`python -m tests.servers.stack`: the service in the foreground, on a MongoDB and a Kafka of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException

from tests.servers import KafkaServer, ServerFailed, kafka, mongod, start_kafka, start_mongod
from tests.servers.process import shelter

TOPIC = "orders"
PARTITIONS = 3


class Stopped(BaseException):
    """SIGINT or SIGTERM has come."""


def main() -> int:
    """Run until the service ends, and give its exit status; or until a signal, and give 0."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        return _run()
    except Stopped:
        return 0
    except ServerFailed as error:
        _say(str(error))
        return 1


def _run() -> int:
    _say(mongod.describe(), kafka.describe(), "Starting; the first time downloads what is missing")
    with start_mongod() as mongo, start_kafka() as broker:
        _create_topic(broker)
        _say(
            f"MongoDB  {mongo.uri}",
            f"Kafka    {broker.bootstrap_servers}",
            "",
            f"To see the events on the topic `{TOPIC}`, in a second terminal:",
            f"    {os.path.relpath(sys.executable)} -m tests.servers.read_topic {broker.bootstrap_servers} {TOPIC}",
            "",
        )
        return _serve(
            {
                "ORDERPORT_STORAGE": "mongo",
                "ORDERPORT_MONGO_URI": mongo.uri,
                "ORDERPORT_EVENTS": "kafka",
                "ORDERPORT_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
                "ORDERPORT_KAFKA_TOPIC": TOPIC,
            }
        )


def _create_topic(broker: KafkaServer) -> None:
    """Create the topic, which a Kafka that was given may have already."""
    try:
        broker.create_topic(TOPIC, PARTITIONS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _serve(settings: dict[str, str]) -> int:
    """Run the service until it ends; in the shelter it ends also when this process is killed."""
    orderport = Path(sys.executable).with_name("orderport")
    with shelter() as place:
        service = subprocess.Popen(
            [orderport, "serve"],
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            process_group=place.group,
        )
        try:
            return service.wait()
        except Stopped:
            service.terminate()  # a second signal cuts this wait short
            service.wait()
            raise


def _say(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr, flush=True)


def _stop(*_: object) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
