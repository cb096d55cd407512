"""The checker finds every kind of fault that is planted, and none in histories that have none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from tests.faults.history import Message, Request, Stored, Told, Verdict, judge

A, B, C = "a" * 24, "b" * 24, "c" * 24


@dataclass
class History:
    """Three changes of A, one of B, each on a partition of its own, all done."""

    requests: list[Request] = field(
        default_factory=lambda: [
            Request("a1", Told.DONE, A, 1),
            Request("b1", Told.DONE, B, 1),
            Request("a2", Told.DONE, A, 2),
            Request("a3", Told.DONE, A, 3),
        ]
    )
    stored: dict[str, Stored] = field(
        default_factory=lambda: {A: Stored(3, "a3"), B: Stored(1, "b1")}
    )
    messages: list[Message] = field(
        default_factory=lambda: [
            message(A, 1, "a1"),
            message(A, 2, "a2"),
            message(A, 3, "a3"),
            message(B, 1, "b1"),
        ]
    )
    allowance: Mapping[str, int] = field(default_factory=dict)

    def verdict(self) -> Verdict:
        return judge(self.requests, self.stored, self.messages, self.allowance)

    def tell(self, mark: str, told: Told) -> None:
        """Let the client of a request have been told something else."""
        self.requests = [
            replace(request, told=told, version=None) if request.mark == mark else request
            for request in self.requests
        ]


def message(order_id: str, version: int, mark: str) -> Message:
    partition = {A: 0, B: 1, C: 2}[order_id]
    return Message(partition, order_id, version, mark, f"{order_id}{version}{mark}".encode())


def test_a_history_without_a_fault_is_clean_and_counted() -> None:
    verdict = History().verdict()
    assert not verdict.faults
    assert str(verdict) == (
        "requests 4 (4 done, 0 unknown, 0 refused), orders 2, events 4: "
        "lost 0, invented 0, reordered 0, repeats 0 (0 events beyond their allowance)"
    )


def unknown_and_stored(history: History) -> None:
    history.tell("a2", Told.UNKNOWN)


def unknown_and_not_stored(history: History) -> None:
    history.requests.append(Request("a4", Told.UNKNOWN, A))


def unknown_create_and_stored(history: History) -> None:
    history.requests.append(Request("c1", Told.UNKNOWN))
    history.stored[C] = Stored(1, "c1")
    history.messages.append(message(C, 1, "c1"))


def refused_and_not_stored(history: History) -> None:
    history.requests.append(Request("a4", Told.REFUSED, A))


def repeated_as_allowed(history: History) -> None:
    history.messages.append(message(A, 1, "a1"))
    history.allowance = {f"{A}-0000000001": 1}


@pytest.mark.parametrize(
    "happen",
    [
        unknown_and_stored,
        unknown_and_not_stored,
        unknown_create_and_stored,
        refused_and_not_stored,
        repeated_as_allowed,
    ],
)
def test_what_may_happen_is_no_fault(happen: Callable[[History], None]) -> None:
    history = History()
    happen(history)
    assert not history.verdict().faults


def event_missing(history: History) -> None:
    history.messages.pop(2)


def event_missing_of_an_unknown_change(history: History) -> None:
    history.tell("a3", Told.UNKNOWN)
    history.messages.pop(2)


def change_missing(history: History) -> None:
    history.requests.append(Request("b2", Told.DONE, B, 2))


def order_missing(history: History) -> None:
    history.requests.append(Request("c1", Told.DONE, C, 1))


@pytest.mark.parametrize(
    "plant", [event_missing, event_missing_of_an_unknown_change, change_missing, order_missing]
)
def test_a_loss_is_found(plant: Callable[[History], None]) -> None:
    history = History()
    plant(history)
    verdict = history.verdict()
    assert len(verdict.lost) == 1
    assert verdict.faults == verdict.lost


def order_not_stored(history: History) -> None:
    history.requests.append(Request("c1", Told.UNKNOWN))
    history.messages.append(message(C, 1, "c1"))


def version_not_stored(history: History) -> None:
    history.requests.append(Request("b2", Told.UNKNOWN, B))
    history.messages.append(message(B, 2, "b2"))


def nobody_asked(history: History) -> None:
    history.requests.pop(1)


def refused_and_stored(history: History) -> None:
    history.tell("b1", Told.REFUSED)


def another_content_than_stored(history: History) -> None:
    history.stored[B] = Stored(1, "other")


def another_version_than_answered(history: History) -> None:
    history.tell("a1", Told.UNKNOWN)
    history.tell("a3", Told.UNKNOWN)
    history.messages[0] = message(A, 1, "a2")
    history.messages[1] = message(A, 2, "a1")


def a_version_for_two(history: History) -> None:
    history.requests.append(Request("b1 too", Told.DONE, B, 1))


def one_request_stored_twice(history: History) -> None:
    history.tell("b1", Told.UNKNOWN)
    history.stored[B] = Stored(2, "b1")
    history.messages.append(message(B, 2, "b1"))


def a_repeat_that_differs(history: History) -> None:
    history.messages.append(replace(history.messages[0], content=b"other"))
    history.allowance = {f"{A}-0000000001": 1}


@pytest.mark.parametrize(
    "plant",
    [
        order_not_stored,
        version_not_stored,
        nobody_asked,
        refused_and_stored,
        another_content_than_stored,
        another_version_than_answered,
        a_version_for_two,
        one_request_stored_twice,
        a_repeat_that_differs,
    ],
)
def test_an_invention_is_found(plant: Callable[[History], None]) -> None:
    history = History()
    plant(history)
    verdict = history.verdict()
    assert verdict.invented
    assert verdict.faults == verdict.invented


def swapped(history: History) -> None:
    history.messages[1:3] = history.messages[2], history.messages[1]


def another_partition(history: History) -> None:
    history.messages[2] = replace(history.messages[2], partition=1)


@pytest.mark.parametrize("plant", [swapped, another_partition])
def test_a_reordering_is_found(plant: Callable[[History], None]) -> None:
    history = History()
    plant(history)
    verdict = history.verdict()
    assert verdict.reordered
    assert verdict.faults == verdict.reordered


def test_a_stale_repeat_is_no_reordering() -> None:
    history = History()
    repeated_as_allowed(history)
    assert not history.verdict().reordered


@pytest.mark.parametrize("allowed", [0, 1])
def test_a_repeat_beyond_its_allowance_is_found(allowed: int) -> None:
    history = History()
    history.messages += [message(A, 1, "a1")] * (allowed + 1)
    history.allowance = {f"{A}-0000000001": allowed, f"{A}-0000000002": 9}
    verdict = history.verdict()
    assert verdict.faults == verdict.unexcused
    assert len(verdict.unexcused) == 1
    assert verdict.repeats.total() == allowed + 1
