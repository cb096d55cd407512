"""The rule by which an order and its messages agree."""

from collections.abc import Mapping, Sequence

import pytest

from core.use_cases.judging import (
    CLOCKS_APART,
    FOREVER,
    Copy,
    Facts,
    Findings,
    Kind,
    disagree,
    judge,
)

COMPLETE = {0: None, 1: None}
MINUTE = 60_000


def content(version: int) -> bytes:
    return f"{version:016}".encode()


def facts(version: int, waiting: Sequence[int] = (), discarded: Sequence[int] = ()) -> Facts:
    return Facts(version, version * MINUTE, content(version), waiting, discarded)


def copies(*versions: int, changed: Mapping[int, bytes] | None = None) -> list[Copy]:
    """Give messages in the order of the topic, sorted as the rule takes them."""
    found = [
        Copy(version, place, 0, version * MINUTE, (changed or {}).get(place, content(version)))
        for place, version in enumerate(versions)
    ]
    return sorted(found, key=lambda copy: copy.version)


def judged(
    then: Facts | None, *versions: int, now: Facts | None = None, horizon: int | None = None
) -> Findings:
    return judge(then, now or then, copies(*versions), {0: horizon, 1: None})


def test_all_versions_in_order_agree() -> None:
    assert judged(facts(3), 1, 2, 3) == {}
    assert judged(None) == {}


@pytest.mark.parametrize(
    ("versions", "lost"), [((1, 3), [2]), ((2, 3), [1]), ((1, 2), [3]), ((), [1, 2, 3])]
)
def test_what_was_delivered_and_is_not_there_is_lost(
    versions: Sequence[int], lost: list[int]
) -> None:
    assert judged(facts(3), *versions) == {Kind.LOST: lost}


def test_what_waits_is_not_lost_and_once_it_is_there_does_not_wait() -> None:
    assert judged(facts(3, waiting=(2, 3)), 1) == {Kind.WAITING: [2, 3]}
    assert judged(facts(3, waiting=(2, 3)), 1, 2) == {Kind.WAITING: [3]}


def test_what_is_discarded_is_not_lost_and_may_come_late() -> None:
    assert judged(facts(3, discarded=(2,)), 1, 3) == {Kind.DISCARDED: [2]}
    assert judged(facts(3, discarded=(2,)), 1, 3, 2) == {Kind.DISCARDED: [2]}


def test_what_was_discarded_meanwhile_is_not_lost() -> None:
    then, now = facts(2, waiting=(2,)), facts(2, discarded=(2,))
    assert judged(then, 1, now=now) == {Kind.WAITING: [2], Kind.DISCARDED: [2]}


def test_what_no_change_made_is_invented() -> None:
    assert judged(None, 1, 2) == {Kind.INVENTED: [1, 2]}
    assert judged(facts(1), 1, 2) == {Kind.INVENTED: [2]}


def test_what_was_stored_meanwhile_is_not_invented() -> None:
    assert judged(facts(1), 1, 2, now=facts(2)) == {}
    assert judged(None, 1, now=facts(1)) == {}


def test_what_was_stored_meanwhile_need_not_be_there() -> None:
    assert judged(facts(1), 1, now=facts(3)) == {}


@pytest.mark.parametrize(
    ("versions", "reordered"), [((2, 1, 3), [1]), ((3, 1, 2), [1, 2]), ((1, 3, 2, 3), [2])]
)
def test_a_first_delivery_after_a_later_version_is_reordered(
    versions: Sequence[int], reordered: list[int]
) -> None:
    found = judged(facts(3), *versions)
    assert sorted(found[Kind.REORDERED]) == reordered
    assert set(found) <= {Kind.REORDERED, Kind.REPEATED}


def test_repeats_are_counted_and_agree_wherever_they_come() -> None:
    found = judged(facts(3), 1, 1, 2, 3, 1, 2)
    assert found == {Kind.REPEATED: [1, 1, 2]}
    assert not disagree(found)


def test_the_latest_version_must_say_what_is_stored() -> None:
    found = judge(facts(2), facts(2), copies(1, 2, changed={1: b"other"}), COMPLETE)
    assert found == {Kind.WRONG_CONTENT: [2]}


def test_the_latest_version_of_either_reading_must() -> None:
    found = judge(facts(1), facts(2), copies(1, 2, changed={0: b"a", 1: b"b"}), COMPLETE)
    assert found == {Kind.WRONG_CONTENT: [1, 2]}


def test_a_repeat_must_be_the_same() -> None:
    found = judge(facts(2), facts(2), copies(1, 1, 2, changed={1: b"other"}), COMPLETE)
    assert found == {Kind.REPEATED: [1], Kind.WRONG_CONTENT: [1]}


def test_what_may_have_been_removed_is_unknown() -> None:
    assert judged(facts(3), 3, horizon=3 * MINUTE) == {Kind.UNKNOWN: [1, 2]}
    assert judged(facts(3), horizon=FOREVER) == {Kind.UNKNOWN: [1, 2, 3]}


def test_what_is_younger_than_the_oldest_message_that_is_left_was_not_removed() -> None:
    begin = 2 * MINUTE - CLOCKS_APART - 1
    assert judged(facts(4), 2, 4, horizon=begin) == {Kind.UNKNOWN: [1], Kind.LOST: [3]}
    assert judged(facts(3), horizon=begin) == {Kind.UNKNOWN: [1, 2], Kind.LOST: [3]}


def test_the_horizon_of_another_partition_says_nothing() -> None:
    found = judge(facts(3), facts(3), copies(1, 3), {0: None, 1: FOREVER})
    assert found == {Kind.LOST: [2]}


def test_a_late_version_whose_first_delivery_may_have_been_removed_is_unknown() -> None:
    assert judged(facts(2), 2, 1, horizon=2 * MINUTE) == {Kind.UNKNOWN: [1]}
    assert judged(facts(2), 2, 1, horizon=-1) == {Kind.REORDERED: [1]}


def test_only_faults_disagree() -> None:
    harmless = {Kind.REPEATED, Kind.WAITING, Kind.DISCARDED, Kind.UNKNOWN}
    for kind in Kind:
        assert disagree({kind: [1]}) is (kind not in harmless)
