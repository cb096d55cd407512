"""Orders that are placed and updated in every way that shows in their events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.http.answers import Answer
from conformance.http.client import Api
from conformance.http.exact_json import spelt
from conformance.http.given import Shop, open_shop

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACED = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
NOT_TRACED = {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"}
STATUSES = (
    'sent "today" \\ / <&>',
    "発送済み 📦 e\u0301 \u2028 שלום",
    "📦" * 64,
    "\ue000\uffff\U0010ffff",
)
PRICES = {
    "0": "0",
    "-0": "0",
    "12.50": "12.5",
    "1e2": "100",
    "1000000000000": "1000000000000",
    "9007199254740993": None,
    "999999999999.9999999999999999999999": "999999999999.9999999999999999999999",
    "0.1000000000000000055511151231257827": "0.1000000000000000055511151231257827",
    "10e-35": "0.0000000000000000000000000000000001",
}
"""As a client spells it, and as it stands in the event; None where it is out of bounds."""


@dataclass(frozen=True)
class Change:
    """A change that the service has accepted, and what its event has to say."""

    order_id: str
    version: int
    fields: Mapping[str, Any]
    trace: str | None = None

    @property
    def event_id(self) -> str:
        """The `ce_id` of its event."""
        return f"{self.order_id}-{self.version:010d}"


def tell(api: Api) -> Iterator[Change]:
    """Make every change, and give it once it is answered."""
    shop = open_shop(api)
    yield from _traces(api, shop)
    for status in STATUSES:
        yield _change(api.post("/orders/new", shop.order_body(status=status)), {"status": status})
    for sent, kept in PRICES.items():
        answer = api.post("/orders/new", shop.order_body(price=spelt(sent)))
        if kept is None:
            assert answer.status == 400
        else:
            yield _change(answer, {"price": Decimal(kept)})
    items = [shop.item(quantity=quantity) for quantity in range(1, 1_001)]
    yield _change(api.post("/orders/new", shop.order_body(items=items)), {"items": items})


def _traces(api: Api, shop: Shop) -> Iterator[Change]:
    """One order: placed and replaced in a trace, without one, and in none that is valid; ids in upper case."""
    body = shop.order_body(customer_id=shop.customer.upper())
    placed = _change(api.post("/orders/new", body, TRACED), trace=TRACE)
    yield placed
    update = {"_id": placed.order_id.upper(), **body}
    yield _change(api.put("/orders/update", update))
    yield _change(api.put("/orders/update", update, NOT_TRACED))
    yield _change(api.put("/orders/update", update, TRACED), trace=TRACE)


def _change(
    answer: Answer, fields: Mapping[str, Any] | None = None, trace: str | None = None
) -> Change:
    """Take what was answered; the fields that are given must be among it."""
    assert answer.status in {200, 201}, answer
    assert answer.data.items() >= (fields or {}).items()
    return Change(answer.data["_id"], int(answer.headers["etag"].strip('"')), answer.data, trace)
