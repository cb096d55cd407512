import pytest

from adapters.outbound.kafka import KafkaSettings
from adapters.outbound.memory import MemoryEventsSettings
from core.ports.plugins import EventsSettings, is_readable


@pytest.mark.parametrize(
    ("settings", "readable"),
    [(MemoryEventsSettings("orders"), False), (KafkaSettings.from_environment({}), True)],
)
def test_a_topic_can_be_read_back_where_its_adapter_says_so(
    settings: EventsSettings, readable: bool
) -> None:
    assert is_readable(settings) is readable
