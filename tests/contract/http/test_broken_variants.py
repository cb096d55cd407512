"""The suite is proven: each of these services breaks the contract in one way, and the right check says so."""

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest
from confluent_kafka import Producer

from adapters.outbound.memory import MemoryStorage, storage
from conformance.http import lines
from tests.contract.http import variants
from tests.contract.http.variants import Broken
from tests.harness.embedded import embedded
from tests.harness.process import BIN, environment
from tests.servers import KafkaServer


@dataclass(frozen=True)
class Rejected:
    """How a service is rejected."""

    service: Broken
    checks: str
    """Which checks are made, as `-k` has it."""
    by: tuple[str, ...]
    """The only checks that report a breach, each for all that met the same one."""
    line: str
    """The line of the contract that is shown with it."""


VARIANTS: Mapping[str, Rejected] = {
    "float prices": Rejected(
        Broken(variants.float_prices),
        "test_prices",
        ("test_a_price_is_kept_to_the_last_digit",),
        "kept to the last digit (decimal, never binary rounding)",
    ),
    "success spelt right": Rejected(
        Broken(variants.spelt_right),
        "test_published_answers",
        ("test_login_answers_the_misspelt_message_and_no_version",),
        lines.SUCCESS["loginUser"],
    ),
    "body status 200": Rejected(
        Broken(variants.same_status_in_the_body),
        "test_published_answers",
        ("test_an_order_update_answers_http_200_and_201_in_the_body",),
        lines.SUCCESS["updateOrder"],
    ),
    "missing mask": Rejected(
        Broken(variants.no_mask),
        "test_published_answers",
        ("test_register_answers_both_published_forms_and_a_mask",),
        lines.SUCCESS["registerUser"],
    ),
    "lost Allow": Rejected(
        Broken(variants.no_allow),
        "test_routes",
        ("test_a_path_that_cannot_be_read_is_answered_405",),
        lines.ERRORS,
    ),
    "first bad field only": Rejected(
        Broken(variants.first_bad_field_only),
        "test_validation",
        (
            "test_an_empty_object_lacks_every_listed_field",
            "test_null_is_a_wrong_type_everywhere",
            "test_path_and_body_are_judged_together",
            "test_every_bad_field_of_every_item_is_named",
            "test_two_bad_fields_in_each_item_are_two_errors_each",
        ),
        "that names every bad field at once, one entry a field",
    ),
    "lost Location": Rejected(
        Broken(variants.no_location),
        "test_standard_headers",
        ("test_a_location_leads_to_the_new_entity",),
        lines.SUCCESS["placeOrder"],
    ),
    "lost ETag": Rejected(
        Broken(variants.no_version),
        "test_published_answers",
        ("test_a_new_product_is_answered_and_read_back",),
        lines.READ_BACK,
    ),
    "deaf to Accept": Rejected(
        Broken(variants.always_an_envelope),
        "test_negotiation",
        (
            "test_a_bare_problem_is_sent_when_accept_names_it_and_not_json",
            "test_an_envelope_is_sent_otherwise",
            "test_errors_with_fields_are_bare_too",
        ),
        "is sent when `Accept` names that type",
    ),
    "unknown products updated": Rejected(
        Broken(variants.unknown_products_updated),
        "test_references",
        (
            "test_each_product_that_does_not_exist_is_named",
            "test_hundreds_of_products_are_judged_as_one_is",
        ),
        "an order names one that does not exist",
    ),
    "trimmed emails": Rejected(
        Broken(change_request=variants.trim_emails),
        "test_emails",
        ("test_an_invalid_email_is_refused",),
        "never trimmed",
    ),
}


@dataclass(frozen=True)
class Report:
    status: int
    text: str
    breaches: list[str]
    """The check that each breach is reported by."""
    failed: set[str]
    """Every check that failed, by the JUnit report."""


def check(url: str, folder: Path, checks: str, *options: str) -> Report:
    """Run the command as its users do."""
    junit = folder / "junit.xml"
    command = (BIN / "orderport", "contract", "http", "--url", url, "-k", checks)
    ran = subprocess.run(
        [*command, "--junit", junit, *options],
        cwd=folder,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.stderr == ""
    sentences = re.findall(r"^breach \d+  ([^\[\n]*?)(?: \[.*)?$", ran.stdout, re.MULTILINE)
    cases = ET.parse(junit).iter("testcase")
    failed = {case.attrib["name"] for case in cases if case.find("failure") is not None}
    return Report(
        ran.returncode,
        ran.stdout,
        [f"test_{sentence.replace(' ', '_')}" for sentence in sentences],
        {name.partition("[")[0] for name in failed},
    )


def is_rejected(report: Report, by: tuple[str, ...], line: str) -> bool:
    """Tell whether just these checks report it, with this line of the contract; true, to read well after `assert`."""
    assert report.status == 1
    assert report.breaches == list(by)
    assert report.failed >= set(by)
    assert any(
        line in shown for shown in re.findall(r"^  expected  (.*)$", report.text, re.MULTILINE)
    )
    assert re.search(r"^  repeat    curl ", report.text, re.MULTILINE)
    return True


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Report]]]:
    """Check all of them, two at a time: each takes a process that mostly starts."""
    folder = tmp_path_factory.mktemp("reports")

    def report_on(name: str) -> Report:
        (folder / name).mkdir()
        with embedded(MemoryStorage(), wrap=VARIANTS[name].service.wrap) as url:
            return check(url, folder / name, VARIANTS[name].checks)

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(report_on, name) for name in VARIANTS}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_broken_service_is_rejected_by_the_check_that_should(
    reports: Mapping[str, Future[Report]], name: str
) -> None:
    assert is_rejected(reports[name].result(), VARIANTS[name].by, VARIANTS[name].line)


def test_a_service_that_heeds_the_case_of_emails_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "email_key", lambda email: email)
    with embedded(MemoryStorage()) as url:
        report = check(url, tmp_path, "test_emails")
    by = (
        "test_an_email_is_unique_without_regard_to_case",
        "test_a_user_can_change_the_case_of_the_email_but_not_take_anothers",
    )
    assert is_rejected(report, by, "found and unique without regard to case")


@pytest.fixture
def topic(kafka_server: KafkaServer) -> str:
    name = f"orders-{token_hex(4)}"
    kafka_server.create_topic(name)
    return name


def forwarding(kafka: KafkaServer, topic: str, *, without: str) -> Callable[[str], object]:
    """Write what the service prints to a topic, all but one header."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})

    def write(text: str) -> None:
        for line in text.rstrip("\n").split("\n"):
            event, value = json.loads(line), line.partition('"value":')[2][:-1]
            headers = [(name, said) for name, said in event["headers"].items() if name != without]
            producer.produce(topic, value, event["key"], headers=headers)
        producer.flush()

    return write


@pytest.mark.parametrize(
    ("lost", "line"),
    [("ce_sequencetype", lines.EVENT_HEADERS), ("no header", "")],
)
def test_an_event_without_a_header_is_rejected_and_one_with_all_is_not(
    tmp_path: Path, kafka_server: KafkaServer, topic: str, lost: str, line: str
) -> None:
    write = forwarding(kafka_server, topic, without=lost)
    kafka = ("--kafka", kafka_server.bootstrap_servers, "--topic", topic)
    with embedded(MemoryStorage(), write=write) as url:
        report = check(url, tmp_path, "test_events and one_event", *kafka)
    if line:
        assert is_rejected(report, ("test_a_new_order_is_one_event",), line)
    else:
        assert (report.status, report.breaches) == (0, [])
