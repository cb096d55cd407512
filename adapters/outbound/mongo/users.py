"""Users and products in MongoDB."""

from collections.abc import Collection, Sequence

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from adapters.outbound.mongo.batches import find_each, insert_each
from adapters.outbound.mongo.coalescing import Coalesced
from adapters.outbound.mongo.documents import Document
from adapters.outbound.mongo.errors import translated, unknown_outcome
from adapters.outbound.mongo.known import Existence
from adapters.outbound.mongo.mapping import from_product, from_user, to_product, to_user
from core.domain.errors import EmailTaken, NotFound, StorageUnavailable, VersionConflict
from core.domain.ids import Id
from core.domain.products import Product
from core.domain.users import User, email_key


class MongoUsers:
    """The port `Users`."""

    def __init__(self, users: AsyncCollection[Document], seconds: float) -> None:
        self._users = users
        self._existence = Existence(users, seconds)
        self._find = Coalesced(self._find_all, seconds)

    async def add(self, user: User) -> None:
        with translated():
            try:
                await self._users.insert_one(from_user(user))
            except DuplicateKeyError as error:
                raise _taken(error) from error

    async def get(self, user_id: Id) -> User | None:
        document = await self._find(ObjectId(user_id))
        return None if document is None else to_user(document)

    async def find(self, email: str) -> User | None:
        with translated():
            document = await self._users.find_one({"email_key": email_key(email)})
        return None if document is None else to_user(document)

    async def exists(self, user_id: Id) -> bool:
        return not await self._existence.missing([user_id])

    async def replace(self, user: User) -> User:
        changes = from_user(user)
        this = {"_id": changes.pop("_id"), "version": changes.pop("version")}
        with translated():
            try:
                document = await self._users.find_one_and_update(
                    this,
                    {"$set": changes, "$inc": {"version": 1}},
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError as error:
                raise _taken(error) from error
            if document is None:
                if await self._users.find_one({"_id": ObjectId(user.id)}, {"_id": 1}):
                    raise VersionConflict
                raise NotFound("user")
        return to_user(document)

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        with translated():
            await self._users.update_one(
                {"_id": ObjectId(user_id), "password_hash": verified},
                {"$set": {"password_hash": password_hash}},
            )

    async def close(self) -> None:
        """End what is under way."""
        await self._existence.close()
        await self._find.close()

    async def _find_all(self, ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        found = await find_each(self._users, ids)
        return [found.get(user_id) for user_id in ids]


class MongoProducts:
    """The port `Products`."""

    def __init__(self, products: AsyncCollection[Document], seconds: float) -> None:
        self._products = products
        self._existence = Existence(products, seconds)
        self._insert = Coalesced(self._insert_all, seconds)
        self._find = Coalesced(self._find_all, seconds)

    async def add(self, product: Product) -> None:
        await self._insert(from_product(product))

    async def get(self, product_id: Id) -> Product | None:
        document = await self._find(ObjectId(product_id))
        return None if document is None else to_product(document)

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        return await self._existence.missing(product_ids)

    async def replace(self, product: Product) -> Product | None:
        changes = from_product(product)
        this = {"_id": changes.pop("_id")}
        del changes["version"]
        with translated():
            document = await self._products.find_one_and_update(
                this,
                {"$set": changes, "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
            )
        return None if document is None else to_product(document)

    async def close(self) -> None:
        """End what is under way."""
        await self._existence.close()
        await self._insert.close()
        await self._find.close()

    async def _insert_all(self, documents: Sequence[Document]) -> Sequence[Exception | None]:
        outcomes = await insert_each(self._products, documents)
        return [
            unknown_outcome() if isinstance(one, DuplicateKeyError) else one for one in outcomes
        ]

    async def _find_all(self, ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        found = await find_each(self._products, ids)
        return [found.get(product_id) for product_id in ids]


def _taken(error: DuplicateKeyError) -> EmailTaken | StorageUnavailable:
    by_email = "email_key" in (error.details or {}).get("keyPattern", {})
    return EmailTaken() if by_email else unknown_outcome()
