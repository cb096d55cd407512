"""librdkafka's mock cluster as a process: it speaks to Kafka's clients, and to us on a port of its own.

Its topics come to be when a client asks for them, with four partitions, unless they were made here before.
"""

import ctypes
import re
import sys
from contextlib import suppress
from importlib.metadata import files
from multiprocessing.connection import Listener

PRODUCER = 0


def load_librdkafka() -> ctypes.CDLL:
    """Load the library that the wheel of confluent-kafka carries."""
    (library,) = (
        file
        for file in files("confluent-kafka") or ()
        if re.match(r"librdkafka.*\.(so|dylib)", file.name)
    )
    return ctypes.CDLL(str(library.locate()))


def main(port: int) -> None:
    """Run until killed; asked for `None` give the address of the cluster, for a topic's name and partitions make it."""
    kafka = load_librdkafka()
    kafka.rd_kafka_new.restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    client = kafka.rd_kafka_new(PRODUCER, None, None, 0)
    cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
    address = kafka.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    with Listener(("127.0.0.1", port)) as listener:
        while True:
            with listener.accept() as asker, suppress(EOFError):
                match asker.recv():
                    case str(topic), int(partitions):
                        asker.send(
                            kafka.rd_kafka_mock_topic_create(cluster, topic.encode(), partitions, 1)
                        )
                    case None:
                        asker.send(address)


if __name__ == "__main__":
    main(int(sys.argv[1]))
