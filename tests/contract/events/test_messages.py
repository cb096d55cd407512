"""Every message of the running service keeps `spec/asyncapi.yaml`, on a topic and on standard output alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from conformance.http.client import Api
from conformance.http.event_specification import check
from conformance.http.events import Event
from conformance.http.exact_json import from_json
from tests.contract.events.story import Change, tell
from tests.contract.events.topic import Received, read
from tests.harness.on_servers import settings_for
from tests.harness.process import MEMORY, running
from tests.servers import KafkaServer, MongoServer


@dataclass(frozen=True)
class Told:
    """What the service was told to do, between two moments, and what it told the world on this topic."""

    changes: Sequence[Change]
    events: Sequence[Event]
    topic: str
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class ToldOnTopic(Told):
    """Likewise, with the messages as they came."""

    messages: Sequence[Received]


@pytest.fixture(scope="module")
def on_topic(mongo_server: MongoServer, kafka_server: KafkaServer) -> ToldOnTopic:
    settings = settings_for(mongo_server, kafka_server)
    topic = settings["ORDERPORT_KAFKA_TOPIC"]
    began = datetime.now(UTC)
    with running(settings) as service, Api(service.url) as api:
        changes = list(tell(api))
        ended = datetime.now(UTC)
        messages = read(kafka_server.bootstrap_servers, topic, len(changes))
    events = [message.event for message in messages]
    return ToldOnTopic(changes, events, topic, began, ended, messages)


@pytest.fixture(scope="module")
def on_standard_output() -> Told:
    began = datetime.now(UTC)
    with running(MEMORY) as service, Api(service.url) as api:
        changes = list(tell(api))
        ended = datetime.now(UTC)
        for change in changes:
            service.events_of(change.order_id, change.version)
    events = [event for of_order in service.events.all().values() for event in of_order]
    return Told(changes, events, "orders", began, ended)


@pytest.fixture(scope="module", params=["on_topic", "on_standard_output"])
def told(request: pytest.FixtureRequest) -> Told:
    found: Told = request.getfixturevalue(request.param)
    return found


def test_each_message_keeps_the_specification(told: Told) -> None:
    for event in told.events:
        check(event)
        assert event.topic == told.topic


def test_each_change_is_told_once_in_the_order_of_its_order(told: Told) -> None:
    assert _by_order(event.headers["ce_id"] for event in told.events) == _by_order(
        change.event_id for change in told.changes
    )


def test_each_event_holds_the_order_as_it_was_answered(told: Told) -> None:
    events = {event.headers["ce_id"]: event for event in told.events}
    for change in told.changes:
        event = events[change.event_id]
        assert event.value == change.fields
        assert event.headers["ce_type"] == (
            "orderport.order.created" if change.version == 1 else "orderport.order.updated"
        )


def test_an_event_is_in_the_trace_of_its_request_and_in_no_other(told: Told) -> None:
    traces = {
        event.headers["ce_id"]: event.headers["traceparent"].split("-")[1]
        for event in told.events
        if "traceparent" in event.headers
    }
    assert traces == {change.event_id: change.trace for change in told.changes if change.trace}


def test_the_time_is_that_of_the_change(told: Told) -> None:
    millisecond = timedelta(milliseconds=1)
    for event in told.events:
        time = datetime.fromisoformat(event.headers["ce_time"])
        assert told.began - millisecond <= time <= told.ended


class ExactFormat(JSONFormat):
    """The SDK's JSON, its numbers exact."""

    def read_data(self, body: bytes, datacontenttype: str | None) -> Any:
        assert datacontenttype == "application/json"
        return from_json(body)


def test_the_cloudevents_sdk_reads_the_same(on_topic: ToldOnTopic) -> None:
    for message in on_topic.messages:
        parsed = from_binary(
            KafkaMessage(dict(message.headers), message.key, message.value), ExactFormat()
        )
        event = message.event
        names = {name: name.removeprefix("ce_") for name in event.headers if name.startswith("ce_")}
        attributes = {short: event.headers[name] for name, short in names.items()}
        assert parsed.get_attributes() == {
            **attributes,
            "time": datetime.fromisoformat(event.headers["ce_time"]),
            "datacontenttype": "application/json",
            "partitionkey": event.key,  # the SDK's name for the message's key
        }
        assert parsed.get_data() == event.value


def _by_order(event_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for event_id in event_ids:
        order_id, _, sequence = event_id.partition("-")
        found[order_id].append(sequence)
    return found
