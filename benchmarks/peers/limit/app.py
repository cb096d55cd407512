"""`uvicorn benchmarks.peers.limit.app:app`; the settings are those of Orderport."""

import asyncio
import gc
import json
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from benchmarks.peers.limit import bodies
from benchmarks.peers.limit.events import Events
from benchmarks.peers.limit.storage import Storage, event_of, stored

Answer = tuple[int, bytes]
Message = dict[str, Any]

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
pool = ThreadPoolExecutor(os.cpu_count())
encode = msgspec.json.encode
quoted = json.JSONEncoder(ensure_ascii=False).encode


class Refused(Exception):
    """The request is answered with this status."""


def answer(
    status: int, data: bytes, body_status: int | None = None, message: str = "success"
) -> Answer:
    """Wrap `data` as published."""
    head = b'{"status":%d,"message":"%b","data":{"data":' % (
        body_status or status,
        message.encode(),
    )
    return status, head + data + b"}}"


def order_json(order: dict[str, Any]) -> bytes:
    """Give the published fields of an order; the price keeps every digit."""
    items = ",".join(
        f'{{"product_id":"{item["product_id"]}","quantity":{item["quantity"]}}}'
        for item in order["items"]
    )
    return (
        f'{{"_id":"{order["_id"]}","customer_id":"{order["customer_id"]}","price":{order["price"]:f},'
        f'"items":[{items}],"status":{quoted(order["status"])}}}'
    ).encode()


class App:
    """The ASGI application."""

    storage: Storage
    events: Events

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Callable[[bytes], Awaitable[Answer]]] = {
            ("GET", "/health/live"): self.live,
            ("POST", "/users/register"): self.register,
            ("POST", "/users/login"): self.log_in,
            ("POST", "/products/new"): self.add_product,
            ("POST", "/orders/new"): self.place_order,
            ("PUT", "/orders/update"): self.update_order,
        }

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Serve one request, or the start and the stop."""
        if scope["type"] == "lifespan":
            await self.live_on(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        try:
            handler = self.routes.get((scope["method"], scope["path"]))
            if handler is not None:
                status, content = await handler(body)
            else:
                status, content = await self.get_order(scope["path"])
        except bodies.Invalid as error:
            status, content = answer(400, encode({"errors": error.args[0]}), message="error")
        except Refused as error:
            status, content = answer(error.args[0], b"{}", message="error")
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    async def live_on(self, receive: Any, send: Any) -> None:
        """Open what is needed, and close it."""
        await receive()
        client: AsyncMongoClient[Any] = AsyncMongoClient(
            os.environ["ORDERPORT_MONGO_URI"], timeoutMS=5_000, tz_aware=True
        )
        self.storage = Storage(client[os.environ["ORDERPORT_MONGO_DATABASE"]])
        await self.storage.prepare()
        producer = AIOKafkaProducer(
            bootstrap_servers=os.environ["ORDERPORT_KAFKA_BOOTSTRAP_SERVERS"],
            acks="all",
            enable_idempotence=False,
            max_batch_size=131_072,
        )
        await producer.start()
        self.events = Events(os.environ["ORDERPORT_KAFKA_TOPIC"], producer, self.storage)
        gc.collect()
        gc.freeze()
        taking_up = asyncio.create_task(self.events.take_up())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        taking_up.cancel()
        await producer.stop()
        await client.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def live(self, _: bytes) -> Answer:
        """Answer while the process runs."""
        return 200, b"ok"

    async def register(self, body: bytes) -> Answer:
        """Make a user."""
        values, bad = bodies.read(body), []  # type: dict[str, Any], list[str]
        name = bodies.text(values.get("name"), "name", 256, bad)
        email, password = values.get("email"), values.get("password")
        if type(email) is not str or not bodies.is_email(email):
            bad.append("email")
        if type(password) is not str or not 8 <= len(password) <= 1024:
            bad.append("password")
        if values.get("confirm_password") != password:
            bad.append("confirm_password")
        if bad or type(email) is not str or type(password) is not str:
            raise bodies.Invalid(bad)
        loop = asyncio.get_running_loop()
        password_hash = await loop.run_in_executor(pool, hasher.hash, password)
        user = {
            "_id": ObjectId(), "version": 1, "name": name, "email": email,
            "email_key": email.casefold(), "password_hash": password_hash,
        }  # fmt: skip
        try:
            await self.storage.users.insert(user)
        except DuplicateKeyError:
            raise Refused(409) from None
        user_id = str(user["_id"])
        data = {"_id": user_id, "InsertedID": user_id, "name": name, "email": email}
        return answer(201, encode(data | {"password": "********"}))

    async def log_in(self, body: bytes) -> Answer:
        """Check a password."""
        values = bodies.read(body)
        email, password = values.get("email"), values.get("password")
        if type(email) is not str or type(password) is not str:
            raise bodies.Invalid(["email", "password"])
        user = await self.storage.users.collection.find_one({"email_key": email.casefold()})
        if user is None:
            raise Refused(401)
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(pool, hasher.verify, user["password_hash"], password)
        except VerifyMismatchError:
            raise Refused(401) from None
        data = {"_id": str(user["_id"]), "name": user["name"], "email": user["email"]}
        return answer(200, encode(data), message="sucess")

    async def add_product(self, body: bytes) -> Answer:
        """Make a product."""
        values, bad = bodies.read(body), []  # type: dict[str, Any], list[str]
        name = bodies.text(values.get("name"), "name", 256, bad)
        stock = bodies.integer(values.get("stock"), "stock", 0, bad)
        if bad:
            raise bodies.Invalid(bad)
        product = {"_id": ObjectId(), "version": 1, "name": name, "stock": stock}
        await self.storage.products.insert(product)
        return answer(201, encode({"_id": str(product["_id"]), "name": name, "stock": stock}))

    async def place_order(self, body: bytes) -> Answer:
        """Make an order; its event leaves behind the answer."""
        order = {"_id": ObjectId()} | bodies.order(bodies.read(body), [])
        await self.check_references(order)
        value = order_json(order)
        event = event_of("orderport.order.created", datetime.now(UTC), value)
        await self.storage.orders.insert(stored(order) | {"version": 1, "pending": [event]})
        self.events.offer(order["_id"], event)
        return answer(201, value)

    async def update_order(self, body: bytes) -> Answer:
        """Replace an order."""
        values, bad = bodies.read(body), []  # type: dict[str, Any], list[str]
        order = {"_id": bodies.object_id(values.get("_id"), "_id", bad)} | bodies.order(values, bad)
        await self.check_references(order)
        value = order_json(order)
        event = event_of("orderport.order.updated", datetime.now(UTC), value)
        version = await self.storage.orders.replace(stored(order), event)
        if version is None:
            raise Refused(404)
        self.events.offer(order["_id"], event | {"version": version})
        return answer(200, value, 201)

    async def get_order(self, path: str) -> Answer:
        """Read an order back."""
        name = path.removeprefix("/orders/")
        if not bodies.is_id(name):
            raise Refused(404)
        order = await self.storage.orders.get(ObjectId(name))
        if order is None:
            raise Refused(404)
        return answer(200, order_json(order | {"price": order["price"].to_decimal()}))

    async def check_references(self, order: dict[str, Any]) -> None:
        """Refuse what names something that does not exist."""
        product_ids = {item["product_id"] for item in order["items"]}
        if await self.storage.users.missing({order["customer_id"]}):
            raise Refused(422)
        if await self.storage.products.missing(product_ids):
            raise Refused(422)


app = App()
