"""The mapping by hand gives, and takes, what the models declare."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId, decode, encode
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.mongo.decimals import from_price, to_price
from adapters.outbound.mongo.documents import (
    ChangeDocument,
    Document,
    ItemDocument,
    OrderDocument,
    PendingDocument,
    ProductDocument,
    UserDocument,
)
from adapters.outbound.mongo.mapping import (
    from_order,
    from_product,
    from_user,
    to_event,
    to_order,
    to_product,
    to_user,
)
from core.domain.events import Change, EventType, OrderEvent
from core.domain.ids import Id
from core.domain.orders import Item, Order
from core.domain.prices import DECIMALS, DIGITS, exact_price
from core.domain.products import Product
from core.domain.users import User, email_key

TIMES_IN_UTC: CodecOptions[Document] = CodecOptions(tz_aware=True)

TIMES = st.integers(0, 4_000_000_000_000).map(
    lambda milliseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
)
IDS = st.binary(min_size=12, max_size=12).map(lambda twelve: Id(twelve.hex()))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=64)
INTEGERS = st.integers(0, 2_147_483_647)
PRICES = (
    st.tuples(st.integers(0, 10**DIGITS - 1), st.integers(-DECIMALS, 0))
    .map(lambda parts: exact_price(Decimal((0, tuple(map(int, str(parts[0]))), parts[1]))))
    .filter(lambda price: price is not None)
)
# As IEEE 754-2008 bounds them; beside them infinities and NaN.
DECIMALS128 = st.sampled_from([Decimal("NaN"), Decimal("-Infinity")]) | st.builds(
    lambda sign, coefficient, exponent: Decimal(f"{sign}{coefficient}E{exponent}"),
    st.sampled_from(["", "-"]),
    st.integers(0, 10**DIGITS - 1),
    st.integers(-6_176, 6_111),
)
ORDERS = st.builds(
    Order,
    id=IDS,
    customer_id=IDS,
    price=PRICES,
    items=st.lists(st.builds(Item, IDS, INTEGERS), min_size=1, max_size=4).map(tuple),
    status=TEXTS,
)
CHANGES = st.builds(
    Change, st.sampled_from(EventType), TIMES, st.none() | TEXTS, st.binary(max_size=100)
)


def stored(document: Document) -> Document:
    """Give what is read back, with times as the client gives them."""
    return decode(encode(document), TIMES_IN_UTC)


@given(PRICES)
def test_prices(price: Decimal) -> None:
    assert from_price(price).bid == Decimal128(price).bid
    assert str(to_price(Decimal128(price))) == str(price)


@given(DECIMALS128)
def test_what_others_stored_as_a_price(number: Decimal) -> None:
    assert str(to_price(Decimal128(number))) == str(number)


@given(ORDERS, CHANGES, TEXTS, TIMES)
def test_orders(order: Order, change: Change, who: str, until: datetime) -> None:
    last: Any = {"type": change.type.value, "time": change.time, "traceparent": change.traceparent}
    model = OrderDocument(
        id=ObjectId(order.id),
        version=1,
        customer_id=ObjectId(order.customer_id),
        price=order.price,
        items=[
            ItemDocument(product_id=ObjectId(item.product_id), quantity=item.quantity)
            for item in order.items
        ],
        status=order.status,
        last=ChangeDocument(**last),
        pending=[
            PendingDocument(version=1, **last, value=change.value, who=who, from_=1, until=until)
        ],
    )
    document = from_order(order, change, who, until)
    assert in_order(document) == in_order(model.model_dump_doc())
    assert to_order(stored(document)) == order
    assert to_event(order.id, stored(document)["pending"][0]) == OrderEvent(order.id, 1, change)
    assert OrderDocument.model_validate_doc(stored(document)) == model


@given(st.builds(Product, IDS, TEXTS, INTEGERS, INTEGERS))
def test_products(product: Product) -> None:
    model = ProductDocument(
        id=ObjectId(product.id), version=product.version, name=product.name, stock=product.stock
    )
    document = from_product(product)
    assert in_order(document) == in_order(model.model_dump_doc())
    assert to_product(stored(document)) == product
    assert ProductDocument.model_validate_doc(stored(document)) == model


@given(st.builds(User, IDS, TEXTS, TEXTS, TEXTS, INTEGERS))
def test_users(user: User) -> None:
    model = UserDocument(
        id=ObjectId(user.id),
        version=user.version,
        name=user.name,
        email=user.email,
        email_key=email_key(user.email),
        password_hash=user.password_hash,
    )
    document = from_user(user)
    assert in_order(document) == in_order(model.model_dump_doc())
    assert to_user(stored(document)) == user
    assert UserDocument.model_validate_doc(stored(document)) == model


def in_order(value: object) -> object:
    """Give documents as lists of pairs: the order of fields counts, as it does to the server."""
    if isinstance(value, dict):
        return [(key, in_order(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [in_order(inner) for inner in value]
    if isinstance(value, Decimal128):
        return value.bid
    return value
