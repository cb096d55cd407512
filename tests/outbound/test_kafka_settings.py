"""The settings of the Kafka adapter."""

import pytest

from adapters.outbound.kafka import KafkaSettings
from core.domain.errors import WrongSettings


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"BOOTSTRAP_SERVERS": "localhost"}, ["BOOTSTRAP_SERVERS"]),
        ({"BOOTSTRAP_SERVERS": "a:1,b"}, ["BOOTSTRAP_SERVERS"]),
        ({"TOPIC": "a b"}, ["TOPIC"]),
        ({"SECURITY_PROTOCOL": "TLS"}, ["SECURITY_PROTOCOL"]),
        (
            {"SECURITY_PROTOCOL": "SASL_SSL"},
            ["SASL_MECHANISM", "SASL_USERNAME", "SASL_PASSWORD"],
        ),
        ({"SASL_MECHANISM": "NTLM"}, ["SASL_MECHANISM"]),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_CAFILE": "/absent"}, ["SSL_CAFILE"]),
    ],
)
def test_wrong_settings_are_all_named(changed: dict[str, str], named: list[str]) -> None:
    with pytest.raises(WrongSettings) as caught:
        KafkaSettings.from_environment({f"ORDERPORT_KAFKA_{k}": v for k, v in changed.items()})
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        f"ORDERPORT_KAFKA_{name}" for name in named
    ]


def test_a_password_is_not_shown() -> None:
    sasl = {"MECHANISM": "PLAIN", "USERNAME": "ada", "PASSWORD": "secret"}
    settings = KafkaSettings.from_environment(
        {f"ORDERPORT_KAFKA_SASL_{name}": value for name, value in sasl.items()}
        | {"ORDERPORT_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    )
    assert "secret" not in repr(settings)
