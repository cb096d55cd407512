"""Prices: exact to the last digit, whichever way they are spelt."""

from decimal import Decimal

import pytest

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.events import Events
from conformance.http.exact_json import spelt
from conformance.http.expect import refused
from conformance.http.given import MISSING, Shop

pytestmark = pytest.mark.contract(
    "`price`: a number, int or not, from 0 to 1e12, of at most 34 significant digits and 34 decimals (the value "
    "decides, not the spelling: `10e-35` is 1e-34 and passes, `-0` is 0), kept to the last digit (decimal, never "
    "binary rounding)",
    "an exponent, as written, beyond ±9,999 is out of bounds, also of a zero, and at no cost",
)

DIGITS = "1234567890123456789012345678901234"
TENTH = "0.1000000000000000055511151231257827"

ACCEPTED = {
    "0": "0",
    "-0": "0",
    "-0.0": "0",
    "0.0": "0",
    "0e0": "0",
    "-0E-5": "0",
    "0e9999": "0",
    "0e-9999": "0",
    "0e+09999": "0",
    "0." + "0" * 5_000: "0",
    "1": "1",
    "12": "12",
    "12.5": "12.5",
    "12.50": "12.5",
    "1.0": "1",
    "1.25e1": "12.5",
    "1E0": "1",
    "100e-2": "1",
    "1e2": "100",
    "0.1": "0.1",
    TENTH: TENTH,
    "0.30000000000000004": "0.30000000000000004",
    "999999999999.00001": "999999999999.00001",
    "1000000000000": "1000000000000",
    "1e12": "1000000000000",
    "1E+12": "1000000000000",
    "0.1e13": "1000000000000",
    "1000000000000." + "0" * 100: "1000000000000",
    "999999999999.9999999999999999999999": "999999999999.9999999999999999999999",
    "0." + DIGITS: "0." + DIGITS,
    "0.0" + DIGITS[:33]: "0.0" + DIGITS[:33],
    "1e-34": "1e-34",
    "10e-35": "1e-34",
    "0." + "0" * 33 + "1": "1e-34",
    "1" + "0" * 5_000 + "e-5000": "1",
    "0." + DIGITS + "0" * 1_000: "0." + DIGITS,
    DIGITS + "e-34": "0." + DIGITS,
    DIGITS + "0000e-38": "0." + DIGITS,
    "0." + "0" * 9_998 + "1e9999": "1",
}
OUT_OF_BOUNDS = [
    "-1",
    "-0.1",
    "-1e-34",
    "1000000000001",
    "1000000000000.000000000000000000001",
    "1000000000000.0000000000000000000001",
    "1.0000000000000000000000000000000001e12",
    "1e13",
    "1e-35",
    "0." + "0" * 34 + "1",
    "0.1" + "0" * 33 + "1",
    "0." + DIGITS + "5",
    DIGITS[:2] + "." + DIGITS[:33],
    *("9" * digits for digits in (4_299, 4_300, 4_301)),
    *("-" + "9" * digits for digits in (4_299, 4_300, 4_301)),
    "-" + "9" * 5_000,
    "9" * 100_000,
    "1e9999",
    "1e-9999",
    "1e10000",
    "1e-10000",
    "0e10000",
    "0e-10000",
    "0.0e+10000",
    "-0e10000",
    "0e0000000000000000010000",
    "1e99999999999999999999999",
    "1e-99999999999999999999999",
    "0e99999999999999999999999",
    "1e" + "9" * 100_000,
]
NO_NUMBERS = ["null", "true", "false", '"12.50"', '"1"', '"NaN"', '""', "[]", "[1]", "{}"]


def named(spelling: object) -> str:
    """Name a long spelling shortly."""
    text = str(spelling)
    return text if len(text) < 50 else f"{text[:20]}..{len(text)}..{text[-10:]}"


@pytest.mark.parametrize(("spelling", "value"), ACCEPTED.items(), ids=named)
def test_a_price_is_kept_to_the_last_digit(api: Api, shop: Shop, spelling: str, value: str) -> None:
    body = shop.order_body(price=spelt(spelling))
    placed = api.post("/orders/new", body)
    assert placed.status == 201
    order_id = placed.data["_id"]
    updated = api.put("/orders/update", body | {"_id": order_id})
    read = api.get(f"/orders/{order_id}")
    assert [answer.data["price"] for answer in (placed, updated, read)] == [Decimal(value)] * 3


def test_a_price_stands_in_the_event_to_the_last_digit(
    api: Api, shop: Shop, events: Events
) -> None:
    order_id = shop.place_order()
    for spelling in ACCEPTED:
        body = shop.order_body(_id=order_id, price=spelt(spelling))
        assert api.put("/orders/update", body).status == 200
    _, *updates = events.of(order_id, 1 + len(ACCEPTED))
    assert [event.value["price"] for event in updates] == list(map(Decimal, ACCEPTED.values()))


@pytest.mark.parametrize("spelling", OUT_OF_BOUNDS, ids=named)
def test_a_price_out_of_bounds_is_refused(api: Api, shop: Shop, spelling: str) -> None:
    body = shop.order_body(price=spelt(spelling))
    assert refused(api.post("/orders/new", body), "price")
    assert refused(api.put("/orders/update", body | {"_id": "0" * 24}), "price")


@pytest.mark.contract(lines.STRICT)
@pytest.mark.parametrize("value", NO_NUMBERS)
def test_a_price_is_a_number(api: Api, shop: Shop, value: str) -> None:
    body = shop.order_body(price=spelt(value))
    assert refused(api.post("/orders/new", body), "price")
    assert refused(api.put("/orders/update", body | {"_id": "0" * 24}), "price")


@pytest.mark.contract(lines.LISTED)
def test_a_price_is_required(api: Api, shop: Shop) -> None:
    body = shop.order_body(price=MISSING)
    assert refused(api.post("/orders/new", body), "price")
    assert refused(api.put("/orders/update", body | {"_id": "0" * 24}), "price")
