"""The port `Users`."""

import asyncio
from dataclasses import replace

import pytest

from orderport import EmailTaken, NotFound, Storage, User, VersionConflict
from orderport.testing.examples import a_user
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageChecks


class UsersChecks(StorageChecks):
    """The port `Users`."""

    @promise(
        "Store a new user...",
        "Give the user, or None.",
        "Tell whether there is such a user.",
    )
    async def test_a_user_that_was_added_is_there(self, storage: Storage) -> None:
        user = a_user()
        assert await storage.users.get(user.id) is None
        assert not await storage.users.exists(user.id)
        await storage.users.add(user)
        assert await storage.users.get(user.id) == user
        assert await storage.users.exists(user.id)

    @promise("Give the user with that email, case aside, or None.")
    async def test_a_user_is_found_by_email_case_aside(self, storage: Storage) -> None:
        user = a_user()
        assert await storage.users.find(user.email) is None
        await storage.users.add(user)
        for email in (user.email, user.email.lower(), user.email.upper()):
            assert await storage.users.find(email) == user

    @pytest.mark.parametrize("pattern", [".*", "^ada", "Ada%", "*"])
    @promise("Give the user with that email ... or None.")
    async def test_an_email_is_no_pattern(self, storage: Storage, pattern: str) -> None:
        await storage.users.add(a_user())
        assert await storage.users.find(pattern) is None

    @promise(
        "Users, one for each email, case aside.",
        "Raises `EmailTaken`.",
    )
    async def test_a_taken_email_is_refused_case_aside(self, storage: Storage) -> None:
        user = a_user()
        await storage.users.add(user)
        another = a_user(email=user.email.swapcase())
        with pytest.raises(EmailTaken):
            await storage.users.add(another)
        assert not await storage.users.exists(another.id)
        assert await storage.users.find(user.email) == user

    @promise("... of several with one email at the same moment, one is stored.")
    async def test_of_several_users_with_one_email_at_once_one_is_stored(
        self, storage: Storage
    ) -> None:
        first = a_user()
        users = [first] + [a_user(email=first.email.swapcase()) for _ in range(49)]
        outcomes = await asyncio.gather(
            *(storage.users.add(user) for user in users), return_exceptions=True
        )
        assert sorted(map(repr, outcomes)) == ["EmailTaken()"] * 49 + ["None"]
        stored = users[outcomes.index(None)]
        assert await storage.users.find(first.email) == stored
        assert [await storage.users.exists(user.id) for user in users].count(True) == 1

    @promise(
        "Replace the user whose stored version is `user.version`; give what is stored now, one version on.",
    )
    async def test_a_user_is_replaced_one_version_on(self, storage: Storage) -> None:
        user = a_user()
        await storage.users.add(user)
        change = User(user.id, "Eve", a_user().email, "another hash", version=1)
        edited = await storage.users.replace(change)
        assert edited == replace(change, version=2)
        assert await storage.users.get(user.id) == edited
        assert await storage.users.find(change.email) == edited

    @promise("Users, one for each email...")
    async def test_an_email_that_was_given_up_is_free(self, storage: Storage) -> None:
        user = a_user()
        await storage.users.add(user)
        await storage.users.replace(replace(user, email=a_user().email))
        assert await storage.users.find(user.email) is None
        heir = a_user(email=user.email)
        await storage.users.add(heir)
        assert await storage.users.find(user.email) == heir

    @promise("Users, one for each email, case aside.")
    async def test_a_user_keeps_the_email_in_another_case(self, storage: Storage) -> None:
        user = a_user()
        await storage.users.add(user)
        edited = await storage.users.replace(replace(user, email=user.email.swapcase()))
        assert edited.email == user.email.swapcase()
        assert await storage.users.find(user.email) == edited

    @promise("Raises `NotFound`... nothing is changed then.")
    async def test_replacing_nobody_is_not_found(self, storage: Storage) -> None:
        nobody = a_user()
        with pytest.raises(NotFound, match=r"^user$"):
            await storage.users.replace(nobody)
        assert not await storage.users.exists(nobody.id)

    @pytest.mark.parametrize("version", [1, 3])
    @promise(
        "Raises ... `VersionConflict` where the stored version is another ... nothing is changed then.",
    )
    async def test_another_version_is_not_replaced(self, storage: Storage, version: int) -> None:
        user = a_user()
        await storage.users.add(user)
        stored = await storage.users.replace(user)
        with pytest.raises(VersionConflict):
            await storage.users.replace(replace(user, name="Eve", version=version))
        assert await storage.users.get(user.id) == stored

    @promise("Raises ... `EmailTaken`; nothing is changed then.")
    async def test_the_email_of_another_user_is_not_taken_over(self, storage: Storage) -> None:
        user, other = a_user(), a_user()
        await storage.users.add(user)
        await storage.users.add(other)
        with pytest.raises(EmailTaken):
            await storage.users.replace(replace(user, email=other.email.swapcase()))
        assert await storage.users.get(user.id) == user
        assert await storage.users.find(user.email) == user
        assert await storage.users.find(other.email) == other

    @promise("Replace the user whose stored version is `user.version`...")
    async def test_of_concurrent_replacements_of_one_version_one_is_made(
        self, storage: Storage
    ) -> None:
        user = a_user()
        await storage.users.add(user)
        outcomes = await asyncio.gather(
            *(storage.users.replace(replace(user, name=f"Ada {number}")) for number in range(50)),
            return_exceptions=True,
        )
        (stored,) = [outcome for outcome in outcomes if isinstance(outcome, User)]
        assert [type(outcome) for outcome in outcomes].count(VersionConflict) == 49
        assert await storage.users.get(user.id) == stored

    @promise("Put `password_hash` in the place of `verified` ... the version stays.")
    async def test_a_verified_hash_is_replaced_and_the_version_stays(
        self, storage: Storage
    ) -> None:
        user = a_user()
        await storage.users.add(user)
        await storage.users.rehash(user.id, user.password_hash, "another hash")
        assert await storage.users.get(user.id) == replace(user, password_hash="another hash")

    @promise("... if that is still the stored hash...")
    async def test_a_hash_that_is_no_longer_the_stored_one_replaces_nothing(
        self, storage: Storage
    ) -> None:
        user = a_user()
        await storage.users.add(user)
        await storage.users.rehash(user.id, "a hash of old", "another hash")
        assert await storage.users.get(user.id) == user
        await storage.users.rehash(a_user().id, user.password_hash, "another hash")
        assert await storage.users.get(user.id) == user
