import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.domain.fields import Fields
from core.domain.ids import Id
from core.domain.orders import Item, Order, read_order
from core.domain.prices import exact_price
from tests.doubles.clock import counted_id

ids = st.integers(0, 16**24 - 1).map(counted_id)
prices = st.decimals(0, 10**12, places=20, allow_nan=False).map(exact_price)
code_points = st.integers(0, 0xFF) | st.integers(0, 0xD7FF) | st.integers(0xE000, 0x10FFFF)
texts = st.lists(code_points.map(chr), max_size=64).map("".join)
orders = st.builds(
    Order,
    id=ids,
    customer_id=ids,
    price=prices,
    items=st.lists(st.builds(Item, ids, st.integers(1, 2**31 - 1)), max_size=5).map(tuple),
    status=texts,
)


def order(price: str = "12.5", status: str = "new") -> Order:
    return Order(
        id=counted_id(1),
        customer_id=counted_id(2),
        price=Decimal(price),
        items=(Item(counted_id(3), 4), Item(counted_id(5), 6), Item(counted_id(3), 1)),
        status=status,
    )


def test_an_order_in_json_has_the_five_published_fields_in_order_and_no_white_space() -> None:
    assert order().to_json() == (
        b'{"_id":"000000000000000000000001","customer_id":"000000000000000000000002","price":12.5,'
        b'"items":[{"product_id":"000000000000000000000003","quantity":4},'
        b'{"product_id":"000000000000000000000005","quantity":6},'
        b'{"product_id":"000000000000000000000003","quantity":1}],"status":"new"}'
    )


def test_the_version_is_no_field_of_the_json() -> None:
    assert order().at(7).to_json() == order().to_json()
    assert order().at(7).version == 7


def test_the_price_is_a_number_in_plain_notation() -> None:
    tiny = json.loads(order(price="1e-34").to_json(), parse_float=str)["price"]
    assert tiny == "0." + "0" * 33 + "1"


def test_a_status_of_any_characters_is_json_in_utf_8() -> None:
    status = 'é€😀 "quoted" \\ / </script> \u2028'
    assert json.loads(order(status=status).to_json())["status"] == status
    assert "é€😀".encode() in order(status=status).to_json()


@given(orders)
def test_the_json_of_an_order_reads_back_as_the_same_values(order: Order) -> None:
    assert json.loads(order.to_json(), parse_float=Decimal, parse_int=Decimal) == {
        "_id": order.id,
        "customer_id": order.customer_id,
        "price": order.price,
        "items": [
            {"product_id": item.product_id, "quantity": item.quantity} for item in order.items
        ],
        "status": order.status,
    }


@given(orders, st.integers(0, 30))
def test_the_bytes_of_an_order_depend_on_its_values_only(order: Order, zeros: int) -> None:
    sent_otherwise = {
        "customer_id": order.customer_id.upper(),
        "price": Decimal(f"{order.price:f}{'' if '.' in f'{order.price:f}' else '.'}{'0' * zeros}"),
        "items": [
            {"quantity": item.quantity, "product_id": item.product_id.upper(), "more": None}
            for item in order.items
        ],
        "status": order.status,
    }
    read = read_order(Fields(sent_otherwise), Id(order.id))
    assert (
        Order(read.id, read.customer_id, read.price, read.items, order.status).to_json()
        == order.to_json()
    )
