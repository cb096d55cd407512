import pytest

from adapters.outbound.memory import MemoryStorage
from core.domain.errors import EmailTaken, Invalid, InvalidCredentials, NotFound
from core.domain.users import User
from core.use_cases.users import EditUser, GetUser
from tests.doubles.clock import counted_id
from tests.doubles.passwords import CountingHasher

ADA = User(counted_id(0xA), "Ada", "ada@example.com", "1:1:secret")
EVE = User(counted_id(0xE), "Eve", "eve@example.com", "1:1:password")
CHANGE: dict[str, object] = {
    "_id": ADA.id,
    "name": " Countess ",
    "email": "Countess@Example.com",
    "old_password": "secret",
    "new_password": "new secret",
}


@pytest.fixture
async def edit(storage: MemoryStorage, passwords: CountingHasher) -> EditUser:
    await storage.users.add(ADA)
    await storage.users.add(EVE)
    return EditUser(storage.users, passwords)


async def faults(edit: EditUser, user_id: str, **changed: object) -> list[str]:
    with pytest.raises(Invalid) as invalid:
        await edit(user_id, {**CHANGE, **changed})
    return [fault.field for fault in invalid.value.faults]


async def test_a_user_is_replaced_whole_one_version_on(
    edit: EditUser, storage: MemoryStorage
) -> None:
    edited = await edit(ADA.id.upper(), CHANGE)
    assert edited == User(ADA.id, "Countess", "Countess@Example.com", "1:1:new secret", version=2)
    assert await storage.users.get(ADA.id) == edited


async def test_an_edit_that_changes_nothing_is_a_version_too(edit: EditUser) -> None:
    same: dict[str, object] = {
        "_id": ADA.id, "name": ADA.name, "email": ADA.email,
        "old_password": "secret", "new_password": "secret  ",
    }  # fmt: skip
    assert (await edit(ADA.id, same)).version == 2


async def test_faults_of_path_and_body_are_named_together(edit: EditUser) -> None:
    assert sorted(await faults(edit, "7", _id="x", name="", new_password="short")) == [
        "_id",
        "id",
        "name",
        "new_password",
    ]


async def test_the_ids_of_path_and_body_are_to_be_equal(edit: EditUser) -> None:
    assert await faults(edit, EVE.id) == ["_id"]


@pytest.mark.parametrize(("user_id", "_id", "named"), [("7", ADA.id, "id"), (ADA.id, "7", "_id")])
async def test_ids_are_compared_only_where_both_are_ids(
    edit: EditUser, user_id: str, _id: str, named: str
) -> None:
    assert await faults(edit, user_id, _id=_id) == [named]


async def test_a_field_named_id_in_the_body_counts_for_nothing(edit: EditUser) -> None:
    assert (await edit(ADA.id, {**CHANGE, "id": EVE.id})).id == ADA.id


async def test_an_unknown_user_is_not_found(edit: EditUser, passwords: CountingHasher) -> None:
    nobody = counted_id(0xF)
    with pytest.raises(NotFound, match="user"):
        await edit(nobody, {**CHANGE, "_id": nobody})
    assert passwords.verified == []


async def test_a_wrong_old_password_is_told_before_a_taken_email(
    edit: EditUser, storage: MemoryStorage
) -> None:
    with pytest.raises(InvalidCredentials):
        await edit(ADA.id, {**CHANGE, "email": EVE.email, "old_password": "wrong"})
    assert await storage.users.get(ADA.id) == ADA


async def test_another_users_email_is_refused(edit: EditUser, storage: MemoryStorage) -> None:
    with pytest.raises(EmailTaken):
        await edit(ADA.id, {**CHANGE, "email": "EVE@example.com"})
    assert await storage.users.get(ADA.id) == ADA


async def test_ones_own_email_may_change_its_case(edit: EditUser) -> None:
    assert (await edit(ADA.id, {**CHANGE, "email": "ADA@EXAMPLE.COM"})).email == "ADA@EXAMPLE.COM"


class EditedMeanwhile(CountingHasher):
    """Lets another edit through while the first password is hashed."""

    def __init__(self, storage: MemoryStorage, other: User) -> None:
        super().__init__()
        self._storage = storage
        self._other = other

    async def hash(self, password: str) -> str:
        await self._storage.users.replace(self._other)
        return await super().hash(password)


async def test_after_another_edit_the_old_password_is_checked_again_and_hashed_once(
    storage: MemoryStorage,
) -> None:
    await storage.users.add(ADA)
    passwords = EditedMeanwhile(storage, User(ADA.id, "Ada B.", ADA.email, "1:2:secret"))
    edited = await EditUser(storage.users, passwords)(ADA.id, CHANGE)
    assert edited.version == 3
    assert passwords.verified == [("secret", "1:1:secret"), ("secret", "1:2:secret")]
    assert passwords.hashed == ["new secret"]


async def test_after_another_edit_that_changed_the_password_the_old_one_counts_no_more(
    storage: MemoryStorage,
) -> None:
    await storage.users.add(ADA)
    changed = User(ADA.id, ADA.name, ADA.email, "1:2:changed")
    passwords = EditedMeanwhile(storage, changed)
    with pytest.raises(InvalidCredentials):
        await EditUser(storage.users, passwords)(ADA.id, CHANGE)
    stored = await storage.users.get(ADA.id)
    assert stored is not None
    assert stored.password_hash == "1:2:changed"


async def test_a_user_is_read_back_by_id_in_either_case(
    storage: MemoryStorage,
) -> None:
    await storage.users.add(ADA)
    assert await GetUser(storage.users)(ADA.id.upper()) == ADA


async def test_reading_back_an_unknown_user_finds_nothing(storage: MemoryStorage) -> None:
    with pytest.raises(NotFound, match="user"):
        await GetUser(storage.users)(ADA.id)


async def test_reading_back_what_is_no_id_is_a_fault(storage: MemoryStorage) -> None:
    with pytest.raises(Invalid):
        await GetUser(storage.users)("me")
