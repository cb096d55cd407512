"""Users and products in MongoDB."""

from collections.abc import Collection

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from adapters.outbound.mongo.documents import (
    Document,
    from_product,
    from_user,
    to_product,
    to_user,
)
from adapters.outbound.mongo.errors import translated
from core.domain.errors import EmailTaken, NotFound, StorageUnavailable, VersionConflict
from core.domain.ids import Id
from core.domain.products import Product
from core.domain.users import User, email_key


class MongoUsers:
    """The port `Users`."""

    def __init__(self, users: AsyncCollection[Document]) -> None:
        self._users = users

    async def add(self, user: User) -> None:
        with translated():
            try:
                await self._users.insert_one(from_user(user))
            except DuplicateKeyError as error:
                raise _taken(error) from error

    async def get(self, user_id: Id) -> User | None:
        with translated():
            document = await self._users.find_one({"_id": ObjectId(user_id)})
        return None if document is None else to_user(document)

    async def find(self, email: str) -> User | None:
        with translated():
            document = await self._users.find_one({"email_key": email_key(email)})
        return None if document is None else to_user(document)

    async def exists(self, user_id: Id) -> bool:
        with translated():
            return await self._users.find_one({"_id": ObjectId(user_id)}, {"_id": 1}) is not None

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
                if await self.exists(user.id):
                    raise VersionConflict
                raise NotFound("user")
        return to_user(document)

    async def rehash(self, user_id: Id, verified: str, password_hash: str) -> None:
        with translated():
            await self._users.update_one(
                {"_id": ObjectId(user_id), "password_hash": verified},
                {"$set": {"password_hash": password_hash}},
            )


class MongoProducts:
    """The port `Products`."""

    def __init__(self, products: AsyncCollection[Document]) -> None:
        self._products = products

    async def add(self, product: Product) -> None:
        with translated():
            try:
                await self._products.insert_one(from_product(product))
            except DuplicateKeyError as error:
                raise unknown_outcome() from error

    async def get(self, product_id: Id) -> Product | None:
        with translated():
            document = await self._products.find_one({"_id": ObjectId(product_id)})
        return None if document is None else to_product(document)

    async def missing(self, product_ids: Collection[Id]) -> set[Id]:
        with translated():
            known = self._products.find(
                {"_id": {"$in": [ObjectId(product_id) for product_id in product_ids]}}, {"_id": 1}
            )
            return set(product_ids) - {Id(str(document["_id"])) async for document in known}

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


def unknown_outcome() -> StorageUnavailable:
    """Give the error for an id that is stored already.

    Ids are made anew for each write, so it was this write, sent twice by the driver: it is there now, but whether it
    lasts is not known.
    """
    return StorageUnavailable("the outcome of a write is not known")


def _taken(error: DuplicateKeyError) -> EmailTaken | StorageUnavailable:
    by_email = "email_key" in (error.details or {}).get("keyPattern", {})
    return EmailTaken() if by_email else unknown_outcome()
