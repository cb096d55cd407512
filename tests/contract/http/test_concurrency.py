"""Many at once: one email, one user, one hasher."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from tests.contract.http.client import Api, CheckedWire, exchange
from tests.contract.http.given import (
    PASSWORD,
    Shop,
    edit_body,
    new_email,
    place,
    product_body,
    user_body,
)
from tests.harness.answers import Answer
from tests.harness.events import Service
from tests.harness.exact_json import to_json

FLOOD = 150
"""More than the hasher lets wait."""


def all_at_once(url: str, method: str, target: str, bodies: list[dict[str, Any]]) -> list[Answer]:
    def send(body: dict[str, Any]) -> Answer:
        return exchange(url, method, target, body=to_json(body))

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_of_several_users_with_one_email_one_is_registered(service: Service, api: Api) -> None:
    email = new_email()
    bodies = [user_body(email=email.upper() if n % 2 else email, name=f"{n}") for n in range(10)]
    answers = all_at_once(service.url, "POST", "/users/register", bodies)
    assert statuses(answers) == [201] + [409] * 9
    (user,) = [answer.data for answer in answers if answer.status == 201]
    login = {"email": email, "password": PASSWORD}
    assert api.post("/users/login", login).data["_id"] == user["_id"]


def test_each_of_several_edits_makes_a_version(service: Service, api: Api) -> None:
    user_id = place(api, "/users/register", user_body())
    edits = [edit_body(user_id, name=f"{n}", new_password=PASSWORD) for n in range(8)]
    answers = all_at_once(service.url, "PUT", f"/users/edit/{user_id}", edits)
    assert statuses(answers) == [200] * 8
    assert {answer.headers["etag"] for answer in answers} == {f'"{n}"' for n in range(2, 10)}


def test_an_old_password_opens_only_one_of_several_edits(service: Service, api: Api) -> None:
    user_id = place(api, "/users/register", user_body())
    edits = [edit_body(user_id, new_password=f"password {n}") for n in range(8)]
    answers = all_at_once(service.url, "PUT", f"/users/edit/{user_id}", edits)
    assert statuses(answers) == [200] + [401] * 7
    assert api.get(f"/users/{user_id}").headers["etag"] == '"2"'


def test_each_of_several_updates_of_a_product_makes_a_version(service: Service, api: Api) -> None:
    product_id = place(api, "/products/new", product_body())
    updates = [product_body(_id=product_id, stock=n) for n in range(50)]
    answers = all_at_once(service.url, "PUT", "/products/update", updates)
    assert {answer.headers["etag"] for answer in answers} == {f'"{n}"' for n in range(2, 52)}
    last = next(answer for answer in answers if answer.headers["etag"] == '"51"')
    assert api.get(f"/products/{product_id}").data == last.data


def test_a_flood_of_logins_is_answered_in_time_and_holds_up_nobody_else(
    service: Service, api: Api, shop: Shop
) -> None:
    content = to_json({"email": new_email(), "password": "x"})
    wires = [CheckedWire(service.url) for _ in range(FLOOD)]
    began = perf_counter()
    for wire in wires:
        wire.begin("POST", "/users/login", b"Content-Length: %d" % len(content)).send(content)
    read_began = perf_counter()
    assert api.get(f"/users/{shop.customer}").status == 200
    assert perf_counter() - read_began < 1
    answers = [wire.answer() for wire in wires]
    assert perf_counter() - began < 6
    for wire in wires:
        wire.close()
    assert {(answer.status, answer.code) for answer in answers} == {
        (401, "invalid_credentials"),
        (503, "overloaded"),
    }


def test_overloaded_means_that_nothing_was_changed(service: Service, api: Api) -> None:
    bodies = [user_body(name=f"{n}") for n in range(FLOOD)]
    answers = all_at_once(service.url, "POST", "/users/register", bodies)
    assert set(statuses(answers)) == {201, 503}
    refused = [body for body, answer in zip(bodies, answers, strict=True) if answer.status == 503]
    for body in refused[:5]:
        assert api.post("/users/register", body).status == 201
