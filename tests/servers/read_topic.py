"""`python -m tests.servers.read_topic SERVERS TOPIC`: print a topic from its beginning, a line a message."""

import json
import sys
from contextlib import suppress

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition


def line(message: Message) -> str:
    """Give a message as `make run` prints it."""
    value = message.value()
    fields = {
        "topic": message.topic(),
        "key": message.key(),
        "headers": dict(message.headers() or []),
        "value": json.loads(value) if value else None,
    }
    return json.dumps(fields, default=bytes.decode)


def main(servers: str, topic: str) -> None:
    """Read until Ctrl-C."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "reader"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    while True:
        message = consumer.poll(1)
        if message and message.error():
            print(message.error(), file=sys.stderr)
        elif message:
            print(line(message), flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(*sys.argv[1:])
