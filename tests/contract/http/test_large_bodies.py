"""Large bodies, many at once: memory is bounded, and whoever finds no room is told so."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from adapters.inbound.http.bodies import Intake
from adapters.inbound.http.large import LARGE_BYTES, MOST_TURNS, LargeBodies
from adapters.outbound.memory import MemoryStorage
from bootstrap.container import Container
from conformance.http.client import Api, CheckedWire
from conformance.http.expect import failed
from core.ports.storage import Storage
from tests.harness.embedded import embedded, sabotaged

SIZE = LARGE_BYTES + 20_000
PRODUCT = {"name": "Tea", "stock": 1}
LARGE = json.dumps(PRODUCT | {"unread": "x" * SIZE}).encode()


@contextmanager
def served(storage: Storage, large: LargeBodies, answer_seconds: float = 5.5) -> Iterator[Api]:
    def override(container: Container) -> None:
        container.intake.override(Intake(answer_seconds=answer_seconds, large=large))

    with embedded(storage, override) as url, Api(url) as api:
        yield api


def begin(wire: CheckedWire) -> None:
    """Send all of a large body but its end."""
    wire.begin("POST", "/products/new", b"Content-Length: %d" % len(LARGE)).send(LARGE[:-1])


def test_one_that_finds_no_room_is_a_503_until_another_is_done() -> None:
    with (
        served(MemoryStorage(), LargeBodies(most_bytes=len(LARGE) + LARGE_BYTES)) as api,
        CheckedWire(api.url) as first,
        CheckedWire(api.url) as second,
    ):
        begin(first)
        assert api.post("/products/new", PRODUCT).status == 201  # a small one finds room
        begin(second)
        second.send(LARGE[-1:])
        refused = second.answer()
        assert failed(refused, 503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        first.send(LARGE[-1:])
        assert first.answer().status == 201
        assert api.post("/products/new", json.loads(LARGE)).status == 201


def test_one_that_is_never_complete_gives_its_room_back() -> None:
    with served(MemoryStorage(), LargeBodies(most_bytes=len(LARGE))) as api:
        for _ in range(3):
            with CheckedWire(api.url) as wire:
                begin(wire)
        answer = api.post("/products/new", json.loads(LARGE))
        while answer.status == 503:  # that the clients are gone is known a moment later
            answer = api.post("/products/new", json.loads(LARGE))
        assert answer.status == 201


def test_few_are_worked_on_at_once_and_others_do_not_wait_for_ever() -> None:
    large = LargeBodies(seconds=0.1)
    with (
        served(sabotaged(None), large, answer_seconds=1.0) as api,
        ThreadPoolExecutor(MOST_TURNS + 2) as pool,
    ):
        answers = list(
            pool.map(lambda _: api.post("/products/new", json.loads(LARGE)), range(MOST_TURNS + 2))
        )
    codes = sorted(answer.code for answer in answers)
    assert codes == ["overloaded"] * 2 + ["storage_unavailable"] * MOST_TURNS
