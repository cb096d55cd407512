"""Place, update, read back orders; every change leaves with its event."""

from collections.abc import Mapping

from core.domain.errors import Fault, NotFound, UnknownReference
from core.domain.events import Change, EventType, OrderEvent, parse_traceparent
from core.domain.fields import Fields, read_id
from core.domain.orders import Order, read_order
from core.ports.storage import Orders, Products, Users
from core.ports.system import Clock, NewId
from core.use_cases.relay import Relay


class References:
    """Knows whether what an order names exists."""

    def __init__(self, users: Users, products: Products) -> None:
        self._users = users
        self._products = products

    async def unknown(self, order: Order) -> UnknownReference | None:
        """Give the error that names each field whose customer or product does not exist, or None."""
        known_customer = await self._users.exists(order.customer_id)
        missing = await self._products.missing({item.product_id for item in order.items})
        if known_customer and not missing:
            return None
        faults = [] if known_customer else [Fault("customer_id", "there is no such customer")]
        faults += [
            Fault(f"items[{index}].product_id", "there is no such product")
            for index, item in enumerate(order.items)
            if item.product_id in missing
        ]
        return UnknownReference(faults, customer=not known_customer)


class PlaceOrder:
    """Make a new order."""

    def __init__(
        self, orders: Orders, references: References, relay: Relay, clock: Clock, new_id: NewId
    ) -> None:
        self._orders = orders
        self._references = references
        self._relay = relay
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, values: Mapping[str, object], traceparent: str | None = None) -> Order:
        """Take the published fields and the trace that the request belongs to. Raises `Invalid`, `UnknownReference`."""
        fields = Fields(values)
        order = read_order(fields, self._new_id())
        fields.check()
        if unknown := await self._references.unknown(order):
            raise unknown

        change = Change(
            EventType.CREATED, self._clock.now(), parse_traceparent(traceparent), order.to_json()
        )
        leased_at = self._clock.monotonic()
        await self._orders.add(order, change, self._relay.who)
        self._relay.offer(OrderEvent(order.id, order.version, change), order.version, leased_at)
        return order


class UpdateOrder:
    """Replace an order whole."""

    def __init__(self, orders: Orders, references: References, relay: Relay, clock: Clock) -> None:
        self._orders = orders
        self._references = references
        self._relay = relay
        self._clock = clock

    async def __call__(self, values: Mapping[str, object], traceparent: str | None = None) -> Order:
        """Take `_id`, the published fields and the request's trace.

        Raises `Invalid`, `NotFound`, `UnknownReference`, and `Overloaded` where too many events of this order wait.
        """
        fields = Fields(values)
        order = read_order(fields, fields.id("_id"))
        fields.check()
        if unknown := await self._references.unknown(order):
            if await self._orders.get(order.id) is None:
                raise NotFound("order")  # what the request addresses is judged before what it names
            raise unknown

        change = Change(
            EventType.UPDATED, self._clock.now(), parse_traceparent(traceparent), order.to_json()
        )
        leased_at = self._clock.monotonic()
        written = await self._orders.replace(order, change, self._relay.who)
        if written is None:
            raise NotFound("order")
        self._relay.offer(
            OrderEvent(order.id, written.version, change), written.leased_from, leased_at
        )
        return order.at(written.version)


class GetOrder:
    """Read an order back."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    async def __call__(self, order_id: str) -> Order:
        """Raises `Invalid`, `NotFound`."""
        order = await self._orders.get(read_id(order_id))
        if order is None:
            raise NotFound("order")
        return order
