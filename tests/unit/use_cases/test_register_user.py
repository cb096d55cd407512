import asyncio

import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import EmailTaken, Invalid, Overloaded
from core.domain.users import User
from core.use_cases.users import RegisterUser
from tests.doubles.clock import CountedIds, counted_id
from tests.doubles.passwords import CountingHasher

ADA: dict[str, object] = {
    "name": " Ada ",
    "email": "Ada@Example.com",
    "password": "  secret  ",
    "confirm_password": "  secret  ",
}


@pytest.fixture
def register(storage: MemoryStorage, passwords: CountingHasher, new_id: CountedIds) -> RegisterUser:
    return RegisterUser(storage.users, passwords, new_id)


async def faults(register: RegisterUser, **changed: object) -> list[str]:
    with pytest.raises(Invalid) as invalid:
        await register({**ADA, **changed})
    return [fault.field for fault in invalid.value.faults]


async def test_a_new_user_is_stored_with_a_hash_of_the_password_as_it_was_sent(
    register: RegisterUser, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    user = await register(ADA)
    assert user == User(counted_id(1), "Ada", "Ada@Example.com", "1:1:  secret  ", version=1)
    assert await storage.users.get(user.id) == user
    assert passwords.hashed == ["  secret  "]


async def test_every_fault_is_named_at_once(register: RegisterUser) -> None:
    with pytest.raises(Invalid) as invalid:
        await register({"email": "ada", "password": "short", "name": ""})
    named = [fault.field for fault in invalid.value.faults]
    assert sorted(named) == ["confirm_password", "email", "name", "password"]


async def test_the_passwords_are_to_be_equal(register: RegisterUser) -> None:
    assert await faults(register, confirm_password="  Secret  ") == ["confirm_password"]


async def test_two_short_passwords_that_differ_are_two_faults(register: RegisterUser) -> None:
    assert await faults(register, password="short", confirm_password="other") == [
        "password",
        "confirm_password",
    ]


async def test_the_confirmation_has_no_bounds_of_its_own(register: RegisterUser) -> None:
    assert await faults(register, password="", confirm_password="") == ["password"]


@pytest.mark.parametrize("password", [None, 12345678, ["  secret  "]])
async def test_passwords_are_compared_only_where_both_are_strings(
    register: RegisterUser, password: object
) -> None:
    assert await faults(register, password=password) == ["password"]
    assert await faults(register, confirm_password=password) == ["confirm_password"]


async def test_an_email_that_is_taken_case_aside_costs_no_hash(
    register: RegisterUser, passwords: CountingHasher
) -> None:
    await register(ADA)
    with pytest.raises(EmailTaken):
        await register({**ADA, "email": "ADA@EXAMPLE.COM"})
    assert len(passwords.hashed) == 1


async def test_of_two_registrations_of_one_email_at_once_one_is_stored(
    storage: MemoryStorage, new_id: CountedIds
) -> None:
    class Rendezvous(CountingHasher):
        """Hashes once both have asked, so that neither saw the other's user."""

        both = asyncio.Barrier(2)

        async def hash(self, password: str) -> str:
            await self.both.wait()
            return await super().hash(password)

    register = RegisterUser(storage.users, Rendezvous(), new_id)
    one, other = await asyncio.gather(
        register(ADA), register({**ADA, "name": "Eve"}), return_exceptions=True
    )
    stored = [user for user in (one, other) if isinstance(user, User)]
    assert len(stored) == 1
    assert {type(one), type(other)} == {User, EmailTaken}
    assert await storage.users.find("ada@example.com") == stored[0]


async def test_nobody_is_stored_where_no_password_can_be_hashed(
    register: RegisterUser, storage: MemoryStorage, passwords: CountingHasher
) -> None:
    passwords.full = True
    with pytest.raises(Overloaded):
        await register(ADA)
    assert await storage.users.find("ada@example.com") is None
