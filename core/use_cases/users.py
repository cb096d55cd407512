"""Register, log in, edit, read back."""

import asyncio
import logging
from collections.abc import Mapping

from core.domain.errors import (
    EmailTaken,
    InvalidCredentials,
    NotFound,
    Overloaded,
    StorageUnavailable,
    VersionConflict,
)
from core.domain.fields import SHORTEST_PASSWORD, Fields, read_id
from core.domain.users import LONGEST_NAME, User
from core.ports.passwords import PasswordHasher
from core.ports.storage import Users
from core.ports.system import NewId

log = logging.getLogger(__name__)

REHASH_SECONDS = 1.0
"""How long a login may wait for its hash to be brought up to date, which it does not depend on."""


class RegisterUser:
    """Make a new user."""

    def __init__(self, users: Users, passwords: PasswordHasher, new_id: NewId) -> None:
        self._users = users
        self._passwords = passwords
        self._new_id = new_id

    async def __call__(self, values: Mapping[str, object]) -> User:
        """Take `name`, `email`, `password`, `confirm_password`. Raises `Invalid`, `EmailTaken`, `Overloaded`."""
        fields = Fields(values)
        name = fields.text("name", LONGEST_NAME)
        email = fields.email("email")
        password = fields.password("password", SHORTEST_PASSWORD)
        confirmed = fields.string("confirm_password")
        if (
            confirmed is not None
            and type(values.get("password")) is str
            and confirmed != values["password"]
        ):
            fields.reject("confirm_password", "must equal password")
        fields.check()

        if await self._users.find(email):
            raise EmailTaken  # before the hash is paid for; `add` decides for two at the same moment
        user = User(self._new_id(), name, email, await self._passwords.hash(password))
        await self._users.add(user)
        return user


class LogIn:
    """Check who somebody is."""

    def __init__(self, users: Users, passwords: PasswordHasher) -> None:
        self._users = users
        self._passwords = passwords

    async def __call__(self, values: Mapping[str, object]) -> User:
        """Take `email` and `password`. Raises `Invalid`, `InvalidCredentials`, `Overloaded`.

        An unknown email costs one verification, as a known one does.
        """
        fields = Fields(values)
        email = fields.email("email")
        password = fields.password("password")
        fields.check()

        user = await self._users.find(email)
        verdict = await self._passwords.verify(password, user.password_hash if user else None)
        if user is None or not verdict.correct:
            raise InvalidCredentials
        if verdict.outdated:
            await self._rehash(user, password)
        return user

    async def _rehash(self, user: User, password: str) -> None:
        try:
            async with asyncio.timeout(REHASH_SECONDS):
                password_hash = await self._passwords.hash(password)
                await self._users.rehash(user.id, user.password_hash, password_hash)
        except (Overloaded, StorageUnavailable, TimeoutError):
            log.info(
                "the outdated password hash of user %s was kept; the next login tries again",
                user.id,
            )


class EditUser:
    """Replace a user's name, email and password, given the old password."""

    def __init__(self, users: Users, passwords: PasswordHasher) -> None:
        self._users = users
        self._passwords = passwords

    async def __call__(self, user_id: str, values: Mapping[str, object]) -> User:
        """Take the id that is addressed and `_id`, `name`, `email`, `old_password`, `new_password`.

        Raises `Invalid`, `NotFound`, `InvalidCredentials`, `EmailTaken`, `Overloaded`.
        """
        fields = Fields({**values, "id": user_id})
        addressed = fields.id("id")
        named = fields.id("_id")
        if addressed and named and addressed != named:
            fields.reject("_id", "must equal the id in the path")
        name = fields.text("name", LONGEST_NAME)
        email = fields.email("email")
        old_password = fields.password("old_password")
        new_password = fields.password("new_password", SHORTEST_PASSWORD)
        fields.check()

        password_hash = ""
        while True:
            user = await self._users.get(addressed)
            if user is None:
                raise NotFound("user")
            if not (await self._passwords.verify(old_password, user.password_hash)).correct:
                raise InvalidCredentials
            password_hash = password_hash or await self._passwords.hash(new_password)
            try:
                return await self._users.replace(
                    User(user.id, name, email, password_hash, user.version)
                )
            except VersionConflict:
                continue  # somebody edited it since: is the old password still the right one?


class GetUser:
    """Read a user back."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def __call__(self, user_id: str) -> User:
        """Raises `Invalid`, `NotFound`."""
        user = await self._users.get(read_id(user_id))
        if user is None:
            raise NotFound("user")
        return user
