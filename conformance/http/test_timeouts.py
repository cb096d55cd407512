"""A body has 30 s to be complete. These began with the first check, so that nobody waits for them alone."""

import pytest

from conformance.http.client import CheckedWire
from conformance.http.expect import failed
from conformance.http.journal import journal

pytestmark = pytest.mark.contract(
    "| 408 | `request_timeout` | the body is not complete within 30 s |"
)


def test_a_body_that_is_not_complete_in_time_is_answered_408(half_sent: list[CheckedWire]) -> None:
    for wire in half_sent:
        journal.exchanges.append(wire.asked)  # sent before this check, but what it is about
        assert failed(wire.answer(), 408, "request_timeout")
