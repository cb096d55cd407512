"""Clients that create and update orders, and remember what they were told."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from tests.faults.connections import Answer, Connections, NoAnswer, NotSent
from tests.faults.history import Request, Told

PAUSE_SECONDS = 0.02
"""After a request that no process took."""


@dataclass
class Clients:
    """Any number of them; `requests` are all that they sent and may have been taken."""

    connections: Connections
    padding: int = 0
    """How many items more than one an order has: each adds 56 bytes to its event."""
    requests: list[Request] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    """Those whose create was answered."""
    seconds: list[float] = field(default_factory=list)
    """How long each answer took."""
    _fields: dict[str, Any] = field(default_factory=dict)

    async def get_ready(self, url: str) -> None:
        """Register the customer and the product that every order names."""
        password = "correct horse"
        user = {"name": "Ada", "email": f"{token_hex(8)}@example.com", "password": password}
        customer = await self._register(
            f"{url}/users/register", user | {"confirm_password": password}
        )
        product = await self._register(f"{url}/products/new", {"name": "Tea", "stock": 1})
        items = [{"product_id": product, "quantity": 1}] * (1 + self.padding)
        self._fields = {"customer_id": customer, "price": 1.5, "items": items}

    async def create(self, url: str) -> Request | None:
        """Create an order; give what is known of it, or None where the request was never sent."""
        return await self._send("POST", f"{url}/orders/new", None)

    async def update(self, url: str, order_id: str) -> Request | None:
        """Update an order, likewise."""
        return await self._send("PUT", f"{url}/orders/update", order_id)

    async def work(self, urls: Sequence[str], hot: int, until: Callable[[], bool]) -> None:
        """Be one client: create orders until there are `hot`, and update any of them, at any process."""
        while not until():
            url = random.choice(urls)
            if len(self.orders) < hot:
                request = await self.create(url)
            else:
                request = await self.update(url, random.choice(self.orders[:hot]))
            if request is None:
                await asyncio.sleep(PAUSE_SECONDS)

    async def work_together(
        self, count: int, urls: Sequence[str], hot: int, until: Callable[[], bool]
    ) -> None:
        """Be so many clients at once."""
        async with asyncio.TaskGroup() as clients:
            for _ in range(count):
                clients.create_task(self.work(urls, hot, until))

    async def _send(self, method: str, url: str, order_id: str | None) -> Request | None:
        mark = token_hex(8)
        body = self._fields | {"status": mark} | ({"_id": order_id} if order_id else {})
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            answer = await self.connections.ask(method, url, body)
        except NotSent:
            return None
        except NoAnswer:
            request = Request(mark, Told.UNKNOWN, order_id)
        else:
            self.seconds.append(clock() - began)
            request = self._read(answer, mark, order_id)
        self.requests.append(request)
        return request

    def _read(self, answer: Answer, mark: str, order_id: str | None) -> Request:
        data = answer.data
        match answer.status:
            case 201 | 200:
                if order_id is None:
                    self.orders.append(data["_id"])
                version = int(answer.headers["etag"].strip('"'))
                return Request(mark, Told.DONE, data["_id"], version)
            case 503 if data["code"] == "storage_unavailable":
                return Request(mark, Told.UNKNOWN, order_id)
            case 503 if data["code"] == "overloaded":
                return Request(mark, Told.REFUSED, order_id)
        raise AssertionError(f"a good request was answered {answer.status}: {data}")

    async def _register(self, url: str, body: dict[str, Any]) -> str:
        answer = await self.connections.ask("POST", url, body)
        assert answer.status == 201, answer.body
        return str(answer.data["_id"])
