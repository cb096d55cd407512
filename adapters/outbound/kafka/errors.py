"""What the client raises, in words for operators."""

from aiokafka import errors as kafka

UNREACHABLE = "the broker cannot be reached"
NO_ANSWER = "the broker does not answer in time"


class InvalidRecordError(kafka.BrokerResponseError):  # type: ignore[misc] # aiokafka has no types
    """INVALID_RECORD, which aiokafka cannot tell from an unknown server error."""

    errno = 87
    message = "INVALID_RECORD"


kafka.kafka_errors.setdefault(InvalidRecordError.errno, InvalidRecordError)

REFUSALS = (
    kafka.MessageSizeTooLargeError,
    kafka.RecordListTooLargeError,
    kafka.InvalidTimestampError,
    InvalidRecordError,
)
"""Size and record-validity errors: everything else is an outage, since it may be mended without changing the event."""


REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError),
        "too large for topic {topic}",
    ),
    (REFUSALS, "no valid record for topic {topic}"),
    ((kafka.UnknownTopicOrPartitionError,), "topic {topic} does not exist"),
    (
        (kafka.TopicAuthorizationFailedError, kafka.ClusterAuthorizationFailedError),
        "no right to write to topic {topic}",
    ),
    (
        (kafka.SaslAuthenticationFailed, kafka.AuthenticationFailedError),
        "the broker refuses the credentials",
    ),
    (
        (kafka.NotEnoughReplicasError, kafka.NotEnoughReplicasAfterAppendError),
        "too few replicas are in sync",
    ),
    ((kafka.KafkaTimeoutError, kafka.RequestTimedOutError), NO_ANSWER),
)


def describe(error: Exception, topic: str) -> str:
    """Say what is wrong in words for operators: no host names, nothing of the driver's."""
    for kinds, reason in REASONS:
        if isinstance(error, kinds):
            return reason.format(topic=topic)
    return UNREACHABLE
