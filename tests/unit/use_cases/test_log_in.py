import asyncio
import logging
from dataclasses import replace

import pytest

from adapters.outbound.memory import MemoryStorage
from adapters.outbound.memory.storage import MemoryUsers
from core.domain.errors import Invalid, InvalidCredentials, Overloaded, StorageUnavailable
from core.domain.ids import Id
from core.domain.users import User
from core.use_cases import users
from core.use_cases.users import LogIn
from tests.doubles.clock import counted_id
from tests.doubles.passwords import CountingHasher

ADA = User(counted_id(1), "Ada", "Ada@Example.com", "1:1:secret")
RIGHT: dict[str, object] = {"email": "ada@example.COM", "password": "secret"}


@pytest.fixture
async def log_in(storage: MemoryStorage, passwords: CountingHasher) -> LogIn:
    await storage.users.add(ADA)
    return LogIn(storage.users, passwords)


async def test_the_email_case_aside_and_the_password_tell_who_it_is(log_in: LogIn) -> None:
    assert await log_in(RIGHT) == ADA


@pytest.mark.parametrize("password", ["Secret", " secret", "s"])
async def test_a_wrong_password_is_refused(log_in: LogIn, password: str) -> None:
    with pytest.raises(InvalidCredentials):
        await log_in({**RIGHT, "password": password})


async def test_an_unknown_email_answers_the_same_at_the_cost_of_one_verification(
    log_in: LogIn, passwords: CountingHasher
) -> None:
    for email in ("ada@example.com", "eve@example.com"):
        with pytest.raises(InvalidCredentials):
            await log_in({"email": email, "password": "wrong"})
    assert passwords.verified == [("wrong", "1:1:secret"), ("wrong", None)]
    assert passwords.hashed == []


async def test_faults_are_named_at_once_and_cost_nothing(
    log_in: LogIn, passwords: CountingHasher
) -> None:
    with pytest.raises(Invalid) as invalid:
        await log_in({"email": " ada@example.com", "password": ""})
    assert [fault.field for fault in invalid.value.faults] == ["email", "password"]
    assert passwords.verified == []


async def test_a_hash_of_today_stays(
    log_in: LogIn, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    await log_in(RIGHT)
    assert passwords.hashed == []
    assert await storage.users.get(ADA.id) == ADA


async def test_an_outdated_hash_is_brought_up_to_date_and_the_version_stays(
    log_in: LogIn, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    passwords.edition = 2
    assert await log_in(RIGHT) == ADA
    assert await storage.users.get(ADA.id) == replace(ADA, password_hash="2:1:secret")


async def test_a_wrong_password_brings_nothing_up_to_date(
    log_in: LogIn, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    passwords.edition = 2
    with pytest.raises(InvalidCredentials):
        await log_in({**RIGHT, "password": "wrong"})
    assert await storage.users.get(ADA.id) == ADA


async def test_a_password_that_was_changed_since_it_was_verified_is_not_put_back(
    storage: MemoryStorage,
) -> None:
    class EditedMeanwhile(CountingHasher):
        async def hash(self, password: str) -> str:
            await storage.users.replace(replace(ADA, password_hash="2:1:changed"))
            return await super().hash(password)

    await storage.users.add(ADA)
    passwords = EditedMeanwhile()
    passwords.edition = 2
    await LogIn(storage.users, passwords)(RIGHT)
    stored = await storage.users.get(ADA.id)
    assert stored is not None
    assert stored.password_hash == "2:1:changed"


class FailingRehash(MemoryUsers):
    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self._error = error

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        if self._error is None:
            await asyncio.Event().wait()
        else:
            raise self._error


@pytest.mark.parametrize("error", [StorageUnavailable(), Overloaded(), None], ids=repr)
async def test_a_login_succeeds_also_where_the_hash_cannot_be_brought_up_to_date(
    error: Exception | None,
    passwords: CountingHasher,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(users, "REHASH_SECONDS", 0.001)
    stored = FailingRehash(error)
    await stored.add(ADA)
    passwords.edition = 2
    with caplog.at_level(logging.INFO):
        assert await LogIn(stored, passwords)(RIGHT) == ADA
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert ADA.id in caplog.text
    assert "secret" not in caplog.text


async def test_a_login_succeeds_also_where_no_more_can_be_hashed(
    log_in: LogIn, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    passwords.edition, passwords.full = 2, True
    assert await log_in(RIGHT) == ADA
    assert await storage.users.get(ADA.id) == ADA
