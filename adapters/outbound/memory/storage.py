"""Everything in this process's memory: for tests, and for trying the service out.

Nothing awaits between a check and its change, so on one event loop every method is atomic. All that is stored is
immutable, so nothing that is returned can be used to change it.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from adapters.outbound.memory.backlog import MemoryBacklog
from adapters.outbound.memory.orders import MemoryOrders, Records
from core.domain.errors import EmailTaken, NotFound, VersionConflict
from core.domain.ids import Id
from core.domain.products import Product
from core.domain.users import User, email_key
from core.ports.plugins import PORTS_VERSION, Environment, Feature


class MemoryUsers:
    """The port `Users`."""

    def __init__(self) -> None:
        self._users: dict[Id, User] = {}
        self._ids: dict[str, Id] = {}

    async def add(self, user: User) -> None:
        if email_key(user.email) in self._ids:
            raise EmailTaken
        self._ids[email_key(user.email)] = user.id
        self._users[user.id] = user

    async def get(self, user_id: Id) -> User | None:
        return self._users.get(user_id)

    async def find(self, email: str) -> User | None:
        user_id = self._ids.get(email_key(email))
        return None if user_id is None else self._users[user_id]

    async def exists(self, user_id: Id) -> bool:
        return user_id in self._users

    async def replace(self, user: User) -> User:
        stored = self._users.get(user.id)
        if stored is None:
            raise NotFound("user")
        if stored.version != user.version:
            raise VersionConflict
        if self._ids.get(email_key(user.email), user.id) != user.id:
            raise EmailTaken
        del self._ids[email_key(stored.email)]
        self._ids[email_key(user.email)] = user.id
        self._users[user.id] = replace(user, version=user.version + 1)
        return self._users[user.id]

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        stored = self._users.get(user_id)
        if stored is not None and stored.password_hash == verified:
            self._users[user_id] = replace(stored, password_hash=password_hash)


class MemoryProducts:
    """The port `Products`."""

    def __init__(self) -> None:
        self._products: dict[Id, Product] = {}

    async def add(self, product: Product) -> None:
        self._products[product.id] = product

    async def get(self, product_id: Id) -> Product | None:
        return self._products.get(product_id)

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        return set(product_ids) - self._products.keys()

    async def replace(self, product: Product) -> Product | None:
        stored = self._products.get(product.id)
        if stored is None:
            return None
        self._products[product.id] = replace(product, version=stored.version + 1)
        return self._products[product.id]


class MemoryStorage:
    """The port `Storage`."""

    def __init__(self) -> None:
        records = Records()
        self.users = MemoryUsers()
        self.products = MemoryProducts()
        self.orders = MemoryOrders(records)
        self.backlog = MemoryBacklog(records)

    @property
    def outbox(self) -> MemoryOrders:
        return self.orders

    async def prepare(self) -> None:
        """Nothing has to be there."""

    async def check(self) -> None:
        """Memory is always there."""


@dataclass(frozen=True, slots=True)
class MemoryStorageSettings:
    """The entry point `memory` of `orderport.storage`: nothing to set."""

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar[frozenset[Feature]] = frozenset()

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        return cls()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MemoryStorage]:
        yield MemoryStorage()
