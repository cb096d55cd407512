"""Many at once: one email, one user, one hasher."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import pytest

from conformance.http import lines
from conformance.http.answers import Answer
from conformance.http.client import Api, CheckedWire, exchange
from conformance.http.exact_json import to_json
from conformance.http.given import (
    FLOOD,
    PASSWORD,
    Shop,
    edit_body,
    new_email,
    place,
    product_body,
    user_body,
)

pytestmark = pytest.mark.contract(lines.VERSIONS)


def all_at_once(url: str, method: str, target: str, bodies: list[dict[str, Any]]) -> list[Answer]:
    def send(body: dict[str, Any]) -> Answer:
        return exchange(url, method, target, body=to_json(body))

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


@pytest.mark.contract("found and unique without regard to case")
def test_of_several_users_with_one_email_one_is_registered(url: str, api: Api) -> None:
    email = new_email()
    bodies = [user_body(email=email.upper() if n % 2 else email, name=f"{n}") for n in range(10)]
    answers = all_at_once(url, "POST", "/users/register", bodies)
    assert statuses(answers) == [201] + [409] * 9
    (user,) = [answer.data for answer in answers if answer.status == 201]
    login = {"email": email, "password": PASSWORD}
    assert api.post("/users/login", login).data["_id"] == user["_id"]


def test_each_of_several_edits_makes_a_version(url: str, api: Api) -> None:
    user_id = place(api, "/users/register", user_body())
    edits = [edit_body(user_id, name=f"{n}", new_password=PASSWORD) for n in range(8)]
    answers = all_at_once(url, "PUT", f"/users/edit/{user_id}", edits)
    assert statuses(answers) == [200] * 8
    assert {answer.headers["etag"] for answer in answers} == {f'"{n}"' for n in range(2, 10)}


@pytest.mark.contract("| 401 | `invalid_credentials` | login or edit with a wrong password")
def test_an_old_password_opens_only_one_of_several_edits(url: str, api: Api) -> None:
    user_id = place(api, "/users/register", user_body())
    edits = [edit_body(user_id, new_password=f"password {n}") for n in range(8)]
    answers = all_at_once(url, "PUT", f"/users/edit/{user_id}", edits)
    assert statuses(answers) == [200] + [401] * 7
    assert api.get(f"/users/{user_id}").headers["etag"] == '"2"'


def test_each_of_several_updates_of_a_product_makes_a_version(url: str, api: Api) -> None:
    product_id = place(api, "/products/new", product_body())
    updates = [product_body(_id=product_id, stock=n) for n in range(50)]
    answers = all_at_once(url, "PUT", "/products/update", updates)
    assert {answer.headers["etag"] for answer in answers} == {f'"{n}"' for n in range(2, 52)}
    last = next(answer for answer in answers if answer.headers["etag"] == '"51"')
    assert api.get(f"/products/{product_id}").data == last.data


@pytest.mark.contract(
    lines.IN_TIME,
    "queues (password hashing too) are bounded so that this holds",
)
def test_a_flood_of_logins_is_answered_in_time_and_holds_up_nobody_else(
    url: str, api: Api, shop: Shop
) -> None:
    content = to_json({"email": new_email(), "password": "x"})
    wires = [CheckedWire(url) for _ in range(FLOOD)]
    began = perf_counter()
    for wire in wires:
        wire.begin("POST", "/users/login", b"Content-Length: %d" % len(content)).send(content)
    assert api.get(f"/users/{shop.customer}").status == 200
    answers = [wire.answer() for wire in wires]
    assert perf_counter() - began < 6
    for wire in wires:
        wire.close()
    assert {(answer.status, answer.code) for answer in answers} <= {
        (401, "invalid_credentials"),
        (503, "overloaded"),
    }


@pytest.mark.contract("`overloaded` means that nothing was changed")
def test_overloaded_means_that_nothing_was_changed(url: str, api: Api) -> None:
    bodies = [user_body(name=f"{n}") for n in range(FLOOD)]
    answers = all_at_once(url, "POST", "/users/register", bodies)
    assert set(statuses(answers)) <= {201, 503}
    refused = [body for body, answer in zip(bodies, answers, strict=True) if answer.status == 503]
    for body in refused[:5]:
        assert api.post("/users/register", body).status == 201
