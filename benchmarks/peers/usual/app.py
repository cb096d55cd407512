"""`uvicorn benchmarks.peers.usual.app:app`; the settings are those of Orderport."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from beanie import PydanticObjectId, UpdateResponse, init_beanie
from beanie.operators import In
from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from benchmarks.peers.usual.bodies import ChangedOrder, Login, NewOrder, NewProduct, Registration
from benchmarks.peers.usual.documents import Item, Order, Product, User

TOPIC = os.environ["ORDERPORT_KAFKA_TOPIC"]

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
producer: AIOKafkaProducer


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Open what is needed."""
    global producer  # noqa: PLW0603 - as such applications have it
    client = AsyncMongoClient(os.environ["ORDERPORT_MONGO_URI"])
    database = client[os.environ["ORDERPORT_MONGO_DATABASE"]]
    await init_beanie(database, document_models=[User, Product, Order])
    servers = os.environ["ORDERPORT_KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    await producer.start()
    yield
    await producer.stop()
    await client.close()


app = FastAPI(lifespan=lifespan)


def envelope(status: int, message: str, data: dict[str, Any]) -> dict[str, Any]:
    """Wrap `data` as published."""
    return {"status": status, "message": message, "data": {"data": data}}


def shown(order: Order) -> dict[str, Any]:
    """Give the published fields of an order."""
    return {
        "_id": str(order.id),
        "customer_id": str(order.customer_id),
        "price": float(order.price),
        "items": [
            {"product_id": str(item.product_id), "quantity": item.quantity} for item in order.items
        ],
        "status": order.status,
    }


@app.get("/health/live")
async def live() -> str:
    """Answer while the process runs."""
    return "ok"


@app.post("/users/register", status_code=201)
async def register(body: Registration) -> dict[str, Any]:
    """Make a user."""
    if body.password != body.confirm_password:
        raise HTTPException(400)
    password_hash = await run_in_threadpool(hasher.hash, body.password)
    user = User(
        name=body.name,
        email=body.email,
        email_key=body.email.casefold(),
        password_hash=password_hash,
    )
    try:
        await user.insert()
    except DuplicateKeyError:
        raise HTTPException(409) from None
    data = {"_id": str(user.id), "InsertedID": str(user.id), "name": user.name, "email": user.email}
    return envelope(201, "success", data | {"password": "********"})


@app.post("/users/login")
async def log_in(body: Login) -> dict[str, Any]:
    """Check a password."""
    user = await User.find_one(User.email_key == body.email.casefold())
    if user is None:
        raise HTTPException(401)
    try:
        await run_in_threadpool(hasher.verify, user.password_hash, body.password)
    except VerifyMismatchError:
        raise HTTPException(401) from None
    return envelope(200, "sucess", {"_id": str(user.id), "name": user.name, "email": user.email})


@app.post("/products/new", status_code=201)
async def add_product(body: NewProduct) -> dict[str, Any]:
    """Make a product."""
    product = Product(name=body.name, stock=body.stock)
    await product.insert()
    data = {"_id": str(product.id), "name": product.name, "stock": product.stock}
    return envelope(201, "success", data)


@app.post("/orders/new", status_code=201)
async def place_order(body: NewOrder) -> dict[str, Any]:
    """Make an order, and tell of it."""
    await check_references(body)
    order = Order(**body.model_dump())
    await order.insert()
    await publish(order, "orderport.order.created")
    return envelope(201, "success", shown(order))


@app.put("/orders/update")
async def update_order(body: ChangedOrder) -> dict[str, Any]:
    """Replace an order, and tell of it."""
    await check_references(body)
    changes = {
        Order.customer_id: body.customer_id,
        Order.price: body.price,
        Order.items: [Item(**item.model_dump()) for item in body.items],
        Order.status: body.status,
    }
    order = await Order.find_one(Order.id == body.id).update(
        {"$set": changes, "$inc": {Order.version: 1}}, response_type=UpdateResponse.NEW_DOCUMENT
    )
    if order is None:
        raise HTTPException(404)
    await publish(order, "orderport.order.updated")
    return envelope(201, "success", shown(order))


@app.get("/orders/{order_id}")
async def get_order(order_id: PydanticObjectId) -> dict[str, Any]:
    """Read an order back."""
    order = await Order.get(order_id)
    if order is None:
        raise HTTPException(404)
    return envelope(200, "success", shown(order))


async def check_references(body: NewOrder) -> None:
    """Refuse what names something that does not exist."""
    if await User.find_one(User.id == body.customer_id) is None:
        raise HTTPException(422)
    product_ids = {item.product_id for item in body.items}
    if await Product.find(In(Product.id, product_ids)).count() < len(product_ids):
        raise HTTPException(422)


async def publish(order: Order, type_: str) -> None:
    """Send the event, and wait until the broker has it."""
    fields = shown(order)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{order.id}-{order.version:010d}",
        "ce_type": type_,
        "ce_source": "/orderport",
        "ce_subject": fields["_id"],
        "ce_time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce_sequence": f"{order.version:010d}",
        "ce_sequencetype": "Integer",
        "content-type": "application/json",
    }
    await producer.send_and_wait(
        TOPIC,
        json.dumps(fields).encode(),
        key=fields["_id"].encode(),
        headers=[(name, value.encode()) for name, value in headers.items()],
    )
