"""One story through every operation, told to the byte: what is sent, and what is answered."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

NAMED = (
    "Content-Type",
    "Content-Length",
    "Location",
    "ETag",
    "Allow",
    "Vary",
    "WWW-Authenticate",
    "Retry-After",
    "X-Request-ID",
)
"""The headers that the contract names, and how the body is to be read."""
NO_ID = "0" * 24
JSON = "Content-Type: application/json"
BARE = "Accept: application/problem+json"

_id = re.compile(rb"\b[0-9a-f]{24}\b")


@dataclass(frozen=True)
class Step:
    """One request. `{name}` in path or body stands for an id that an earlier step was `new`."""

    method: str
    path: str
    body: str | None = None
    headers: tuple[str, ...] = (JSON,)
    new: str = ""
    """What the entity is called that it makes."""


def _sent(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _order(**changes: object) -> str:
    items = [{"product_id": "<engine>", "quantity": 1}, {"product_id": "<cards>", "quantity": 2}]
    order = {"customer_id": "<ada>", "price": 12.5, "items": items, "status": " new "}
    return _sent(**(order | changes))


ADA = {"name": " Ada Lovelace ", "email": "Ada@golden.example"}
PASSWORDS = {"password": "note-g-1843", "confirm_password": "note-g-1843"}
EDIT = {"old_password": "note-g-1843", "new_password": "Countess of Lovelace, 1838"}
KING = {"name": "Ada King", "email": "ada.king@golden.example"}

STORY: dict[str, list[Step]] = {
    "01 POST users register": [
        Step("POST", "/users/register", _sent(**ADA, **PASSWORDS), new="ada"),
        Step("POST", "/users/register", _sent(**ADA, **PASSWORDS)),
        Step("POST", "/users/register", _sent(name=5, email="x", password="short")),
        Step("POST", "/users/register", _sent(name=5, email="x"), (JSON, BARE)),
        Step("POST", "/users/register", "{"),
    ],
    "02 POST users login": [
        Step("POST", "/users/login", _sent(email="ADA@golden.example", password="note-g-1843")),
        Step("POST", "/users/login", _sent(email="ada@golden.example", password="wrong")),
        Step("POST", "/users/login", _sent(email="nobody@golden.example", password="x"), (BARE,)),
        Step("POST", "/users/login", "{}"),
        Step("POST", "/users/login", "{}", ("Content-Type: text/plain",)),
    ],
    "03 PUT users edit": [
        Step("PUT", "/users/edit/<ada>", _sent(_id="<ada>", **KING, **EDIT)),
        Step("PUT", "/users/edit/<ada>", _sent(_id="<ada>", **KING, **EDIT)),
        Step("PUT", f"/users/edit/{NO_ID}", _sent(_id=NO_ID, **KING, **EDIT)),
        Step("PUT", f"/users/edit/{NO_ID}", _sent(_id="<ada>", **KING, **EDIT)),
        Step("PUT", "/users/edit/x", "{}"),
    ],
    "04 GET users": [
        Step("GET", "/users/<ada>", None, ()),
        Step("GET", f"/users/{NO_ID}", None, ()),
        Step("GET", "/users/x", None, (BARE,)),
        Step("GET", "/users/register", None, ()),
    ],
    "05 POST products new": [
        Step("POST", "/products/new", _sent(name="Analytical Engine", stock=1), new="engine"),
        Step("POST", "/products/new", _sent(name="\u00a0Karten 📇\n", stock=250), (), new="cards"),
        Step("POST", "/products/new", '{"name": "", "stock": 2.0}'),
    ],
    "06 PUT products update": [
        Step("PUT", "/products/update", _sent(_id="<cards>", name="Karten", stock=0)),
        Step("PUT", "/products/update", _sent(_id=NO_ID, name="Karten", stock=0)),
        Step("PUT", "/products/update", _sent(name="x\u0000y", stock=2**31)),
    ],
    "07 POST orders new": [
        Step("POST", "/orders/new", _order(), new="first"),
        Step("POST", "/orders/new", _order(customer_id=NO_ID)),
        Step("POST", "/orders/new", _order(items=[{"product_id": NO_ID, "quantity": 1}])),
        Step("POST", "/orders/new", _order(price=-1, items=[{"quantity": 0}, 5], status="")),
        Step("POST", "/orders/new", _order(items=[])),
    ],
    "08 PUT orders update": [
        Step(
            "PUT",
            "/orders/update",
            _order(_id="<first>", status="paid").replace(
                "12.5", "0.1000000000000000055511151231257827"
            ),
        ),
        Step("PUT", "/orders/update", _order(_id=NO_ID)),
        Step("PUT", "/orders/update", _order(_id="<first>", customer_id=NO_ID)),
        Step(
            "PUT",
            "/orders/update",
            _order(_id="<first>", status="発送済み 📦").replace("12.5", "1e2"),
        ),
    ],
    "09 GET products and orders": [
        Step("GET", "/products/<cards>", None, ()),
        Step("GET", "/orders/<first>", None, ()),
        Step("GET", f"/orders/{NO_ID}", None, ()),
        Step("GET", f"/products/{NO_ID}", None, ()),
    ],
    "10 elsewhere": [
        Step("GET", "/nothing", None, ()),
        Step("DELETE", "/orders/new", None, ()),
        Step("OPTIONS", "/orders/update", None, ()),
        Step("HEAD", "/orders/<first>", None, ()),
        Step("GET", "/health/live", None, ()),
        Step("GET", "/health/ready", None, ()),
    ],
}


def _steady(value: str) -> str:
    """Give a header's value; what `Allow` lists is a set, in no order."""
    return ", ".join(sorted(value.split(", "))) if "OPTIONS" in value else value


@dataclass
class Teller:
    """Tells the story to a service, with ids in its records that are always the same."""

    url: str
    ids: dict[str, str] = field(default_factory=dict)
    """The ids that the service made, by the names of the entities."""

    def tell(self) -> Iterator[tuple[str, bytes]]:
        """Give each chapter's name and record, in their order."""
        for name, steps in STORY.items():
            yield (
                name,
                b"\n".join(self._record(number, step) for number, step in enumerate(steps, 1)),
            )

    def _record(self, number: int, step: Step) -> bytes:
        headers = [*step.headers, f"X-Request-ID: request-{number}"]
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
        body = None if step.body is None else self._with_ids(step.body).encode()
        connection.putrequest(step.method, self._with_ids(step.path))
        for header in headers:
            connection.putheader(*header.split(": ", 1))
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        came = answer.read()
        connection.close()
        if step.new:
            self.ids[step.new] = json.loads(came)["data"]["data"]["_id"]
        lines = [f"{step.method} {step.path}", *headers, "", step.body or ""]
        lines += [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [
            f"{name}: {_steady(answer.headers[name])}" for name in NAMED if name in answer.headers
        ]
        return self._without_ids("\n".join(lines).encode() + b"\n\n" + came + b"\n")

    def _with_ids(self, text: str) -> str:
        for name, found in self.ids.items():
            text = text.replace(f"<{name}>", found)
        return text

    def _without_ids(self, record: bytes) -> bytes:
        """Put an id of the same length in the place of each that the service made."""
        made = {found: number for number, found in enumerate(self.ids.values(), 1)}

        def steady(match: re.Match[bytes]) -> bytes:
            number = made.get(match[0].decode())
            return match[0] if number is None else b"%024d" % number

        return _id.sub(steady, record)
