"""Storage in MongoDB: a standalone server, a replica set or a sharded cluster."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Self

import pymongo
from odmantic.index import ODMBaseIndex
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure
from pymongo.uri_parser import parse_uri

from adapters.outbound.mongo import cancellation
from adapters.outbound.mongo.backlog import MongoBacklog
from adapters.outbound.mongo.documents import MODELS, Document
from adapters.outbound.mongo.errors import translated
from adapters.outbound.mongo.orders import MongoOrders
from adapters.outbound.mongo.outbox import MongoOutbox
from adapters.outbound.mongo.users import MongoProducts, MongoUsers
from core.domain.errors import StorageUnavailable, WrongSettings
from core.ports.plugins import PORTS_VERSION, Environment, Feature

CLOSE_SECONDS = 0.5

cancellation.mend()


class MongoStorage:
    """The port `Storage`, on one database."""

    def __init__(
        self, database: AsyncDatabase[Document], seconds: float, preparing_seconds: float
    ) -> None:
        self._database = database
        self._preparing_seconds = preparing_seconds
        self.users = MongoUsers(database["users"], seconds)
        self.products = MongoProducts(database["products"], seconds)
        self.orders = MongoOrders(database["orders"], seconds)
        self.outbox = MongoOutbox(database["orders"])
        self.backlog = MongoBacklog(database["orders"], seconds)

    async def prepare(self) -> None:
        try:
            with translated(), pymongo.timeout(self._preparing_seconds):
                for model in MODELS:
                    indexes = [
                        index.get_pymongo_index() if isinstance(index, ODMBaseIndex) else index
                        for index in model.__indexes__()
                    ]
                    if indexes:
                        await self._database[model.__collection__].create_indexes(indexes)
        except (OperationFailure, ConfigurationError) as error:
            raise StorageUnavailable(f"MongoDB refuses: {error}") from error

    async def check(self) -> None:
        with translated():
            await self._database.command("ping")

    async def close(self) -> None:
        """End what is under way for callers that are gone."""
        for repository in (self.users, self.products, self.orders):
            await repository.close()


@dataclass(frozen=True, slots=True)
class MongoSettings:
    """The entry point `mongo` of `orderport.storage`; what one operation may take is bounded, and the start."""

    uri: str = field(repr=False)
    database: str
    seconds: float = 5.0
    preparing_seconds: float = 6.0

    ports_version: ClassVar = PORTS_VERSION
    features: ClassVar = frozenset({Feature.DURABLE, Feature.SHARED})

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        uri = environment.get("ORDERPORT_MONGO_URI", "mongodb://localhost:27017")
        database = environment.get("ORDERPORT_MONGO_DATABASE", "orderport")
        problems = []
        try:
            if not uri.startswith("mongodb+srv://"):  # whose hosts are asked for when it is opened
                parse_uri(uri)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            problems.append(f"ORDERPORT_MONGO_URI: is no MongoDB connection string: {error}")
        if not database or set(database) & set('/\\. "$*<>:|?\0') or len(database.encode()) > 63:
            problems.append(f"ORDERPORT_MONGO_DATABASE: {database!r} is no name of a database")
        if problems:
            raise WrongSettings(problems)
        return cls(uri, database)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[MongoStorage]:
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            self.uri,
            timeoutMS=round(self.seconds * 1000),
            appname="orderport",
            tz_aware=True,
        )
        try:
            durable = WriteConcern(w="majority", j=True)
            database = client.get_database(self.database, write_concern=durable)
            storage = MongoStorage(database, self.seconds, self.preparing_seconds)
            try:
                yield storage
            finally:
                await storage.close()
        finally:
            # What it tells the server at the end has no limit of its own.
            with pymongo.timeout(CLOSE_SECONDS):
                await client.close()
