"""What one process of ours does beyond what the contract asks of any deployment."""

from concurrent.futures import ThreadPoolExecutor

from conformance.http.client import Api, exchange
from conformance.http.exact_json import to_json
from conformance.http.given import FLOOD, new_email, product_body


def test_a_flood_of_logins_is_refused_in_part_rather_than_served_late(url: str) -> None:
    content = to_json({"email": new_email(), "password": "x"})

    def log_in(_number: int) -> int:
        return exchange(url, "POST", "/users/login", body=content).status

    with ThreadPoolExecutor(FLOOD) as pool:
        assert set(pool.map(log_in, range(FLOOD))) == {401, 503}


def test_answers_tell_their_length_and_not_their_server(url: str) -> None:
    with Api(url) as api:
        answers = [api.get("/health/live"), api.get("/nothing"), api.get("/docs")]
        answers.append(api.post("/products/new", product_body()))
    for answer in answers:
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers
