"""The port `PasswordHasher`."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from adapters.outbound.argon2 import Argon2Hasher
from core.domain.errors import Overloaded
from core.ports.passwords import Verdict
from tests.contract.ports.instrumented_argon2 import InstrumentedArgon2

NO_HASHES = {
    "nothing": "",
    "a password": "secret",
    "another scheme": "$2b$12$abcdefghijklmnopqrstuuFxyzFxyzFxyzFxyzFxyzFxyzFxyzFxy",
    "letters of no ASCII": "$argon2id$é",
    "its beginning": "$argon2id$v=19$m=8,t=1,p=1$",
    "a hash cut off": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$",
    "too much memory": "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0",
    "too many passes": "$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0",
    "too many lanes": "$argon2id$v=19$m=65536,t=1,p=8192$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0",
}


@pytest.fixture
def argon() -> InstrumentedArgon2:
    return InstrumentedArgon2()


@pytest.fixture
async def passwords(argon: InstrumentedArgon2) -> AsyncIterator[Argon2Hasher]:
    hasher = Argon2Hasher(argon, threads=1, queue=1, seconds=5.0)
    argon.calls.clear()
    yield hasher
    argon.go_on.set()
    hasher.close()


@pytest.mark.parametrize("password", ["secret", " secret ", "é😀\u0000", "x" * 1_024])
async def test_a_password_is_checked_against_its_hash(
    passwords: Argon2Hasher, password: str
) -> None:
    """Check `password` against a hash that `hash` made."""
    stored = await passwords.hash(password)
    assert await passwords.verify(password, stored) == Verdict(correct=True, outdated=False)
    for other in (password + " ", password.swapcase() + "x", password[:-1]):
        assert await passwords.verify(other, stored) == Verdict(correct=False)


async def test_a_hash_tells_nothing_of_the_password_and_has_a_salt_of_its_own(
    passwords: Argon2Hasher,
) -> None:
    """Hash `password` with a salt of its own and today's parameters."""
    hashes = {await passwords.hash("secret") for _ in range(5)}
    assert len(hashes) == 5
    assert all(text.startswith("$argon2id$v=19$m=8,t=1,p=1$") for text in hashes)
    assert not any("secret" in text for text in hashes)


async def test_a_hash_of_other_parameters_is_outdated_if_the_password_is_right(
    passwords: Argon2Hasher,
) -> None:
    """Whether a password is the right one and, if so, whether its hash was made with parameters of old."""
    old = InstrumentedArgon2(passes=2).hash("secret")
    assert await passwords.verify("secret", old) == Verdict(correct=True, outdated=True)
    assert await passwords.verify("wrong", old) == Verdict(correct=False, outdated=False)


async def test_an_absent_users_hash_costs_as_much_as_a_stored_one(
    passwords: Argon2Hasher, argon: InstrumentedArgon2, caplog: pytest.LogCaptureFixture
) -> None:
    """None, an absent user's hash, costs as much as a stored one and is never correct."""
    stored = await passwords.hash("secret")
    for known in (stored, None):
        argon.calls.clear()
        assert await passwords.verify("wrong", known) == Verdict(correct=False)
        assert argon.calls == ["verify"]
        assert argon.costs == {(8, 1, 1)}
    assert caplog.records == []


@pytest.mark.parametrize("stored", NO_HASHES.values(), ids=NO_HASHES)
async def test_text_that_is_no_hash_costs_one_verification_and_is_logged(
    passwords: Argon2Hasher,
    argon: InstrumentedArgon2,
    stored: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """So does text that is no hash, which is logged, since somebody put it there."""
    with caplog.at_level(logging.ERROR):
        assert await passwords.verify("secret", stored) == Verdict(correct=False)
    assert argon.hashed == 1
    assert argon.costs <= {(8, 1, 1)}
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "secret" not in caplog.text
    assert not stored or stored not in caplog.text


async def test_the_event_loop_goes_on_while_a_password_is_hashed(
    passwords: Argon2Hasher, argon: InstrumentedArgon2
) -> None:
    """Hashes and checks passwords beside the event loop."""
    argon.go_on.clear()
    hashing = asyncio.create_task(passwords.hash("secret"))
    await argon.under_way()
    assert not hashing.done()
    argon.go_on.set()  # only this task can, so the loop was free to run it
    assert (await hashing).startswith("$argon2id$")


async def test_a_bounded_number_is_hashed_at_a_time(argon: InstrumentedArgon2) -> None:
    """A bounded number at a time."""
    passwords = Argon2Hasher(argon, threads=2, queue=10, seconds=5.0)
    argon.go_on.clear()
    hashing = [asyncio.create_task(passwords.hash("secret")) for _ in range(6)]
    await argon.under_way(2)
    argon.go_on.set()
    await asyncio.gather(*hashing)
    assert argon.most_at_once == 2
    passwords.close()


@pytest.mark.parametrize("method", ["hash", "verify"])
async def test_where_too_many_wait_the_next_is_turned_away_at_once(
    passwords: Argon2Hasher, argon: InstrumentedArgon2, method: str
) -> None:
    """Where more wait than can be served in time, either method raises `Overloaded`, and nothing was done."""
    argon.go_on.clear()
    served = [asyncio.create_task(passwords.hash("secret")) for _ in range(2)]
    await argon.under_way()
    with pytest.raises(Overloaded):
        await (passwords.hash("next") if method == "hash" else passwords.verify("next", None))
    argon.go_on.set()
    await asyncio.gather(*served)
    assert argon.calls == ["hash", "hash"]
    assert await passwords.hash("later")


async def test_who_has_waited_too_long_is_turned_away(argon: InstrumentedArgon2) -> None:
    """Where more wait than can be served in time, either method raises `Overloaded`, and nothing was done."""
    passwords = Argon2Hasher(argon, threads=1, queue=5, seconds=0.01)
    argon.calls.clear()
    argon.go_on.clear()
    served = asyncio.create_task(passwords.hash("secret"))
    await argon.under_way()
    with pytest.raises(Overloaded):
        await passwords.verify("secret", None)
    argon.go_on.set()
    await served
    assert argon.calls == ["hash"]
    assert await passwords.hash("later")
    passwords.close()


async def test_a_caller_who_leaves_while_being_served_frees_the_thread_once_it_is_free(
    passwords: Argon2Hasher, argon: InstrumentedArgon2
) -> None:
    """A bounded number at a time."""
    argon.go_on.clear()
    leaving = asyncio.create_task(passwords.hash("secret"))
    await argon.under_way()
    leaving.cancel()
    await asyncio.wait({leaving})
    waiting = asyncio.create_task(passwords.hash("next"))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):  # the thread still works, and another caller waits already
        await passwords.hash("third")
    argon.go_on.set()
    assert await waiting
    assert argon.most_at_once == 1
    assert await passwords.verify("secret", None) == Verdict(correct=False)


async def test_a_caller_who_leaves_while_waiting_makes_room_for_another(
    passwords: Argon2Hasher, argon: InstrumentedArgon2
) -> None:
    """Where more wait than can be served in time."""
    argon.go_on.clear()
    served = asyncio.create_task(passwords.hash("secret"))
    await argon.under_way()
    for _ in range(3):
        leaving = asyncio.create_task(passwords.hash("leaving"))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait({leaving})
    waiting = asyncio.create_task(passwords.hash("waiting"))
    await asyncio.sleep(0)
    argon.go_on.set()
    await asyncio.gather(served, waiting)
    assert argon.calls == ["hash", "hash"]
