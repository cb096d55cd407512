"""What is answered when something is wrong inside: soon, in the envelope, and without a word of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter

import pytest

from adapters.inbound.http.bodies import Intake
from adapters.outbound.memory import MemoryStorage
from bootstrap.container import Container
from conformance.http.answers import Answer
from conformance.http.client import Api, CheckedWire
from conformance.http.expect import failed
from conformance.http.given import Shop, open_shop
from conformance.http.recipes import ENTITIES, WITH_BODY, call
from conformance.http.specification import OPERATIONS
from core.domain.errors import StorageUnavailable
from core.ports.storage import Storage
from tests.harness.embedded import embedded, sabotaged

SECRET = "E11000 dup key at mongodb://admin:hunter2@10.0.0.1:27017"


class InsideError(Exception):
    """Something that nobody expects."""


Serve = Callable[[Storage], Api]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve in this process until the end of the test."""
    with ExitStack() as stack:

        def begin(storage: Storage) -> Api:
            return stack.enter_context(Api(stack.enter_context(embedded(storage))))

        yield begin


def says_nothing_of_the_inside(answer: Answer) -> bool:
    """Check body and headers; true, so that it reads well after `assert`."""
    said = answer.body.decode().lower() + str(list(answer.headers.items())).lower()
    for word in ("e11000", "mongo", "hunter2", "10.0.0.1", "traceback", "inside", "python", ".py"):
        assert word not in said
    return True


def test_an_unexpected_error_is_a_500_and_its_traceback_is_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    api = serve(sabotaged(InsideError(SECRET)))
    for operation_id in ENTITIES:
        caplog.clear()
        answer = call(api, operation_id)
        assert failed(answer, 500, "internal_error")
        assert says_nothing_of_the_inside(answer)
        (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
        assert answer.headers["x-request-id"] in record.getMessage()
        assert record.exc_info
        assert isinstance(record.exc_info[1], InsideError)
        assert "Traceback" in caplog.text


def test_a_request_that_fails_logs_no_password(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    api = serve(sabotaged(InsideError(SECRET)))
    api.post("/users/login", {"email": "a@b", "password": "my-s3cret-horse"})
    assert "Traceback" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_storage_that_is_away_is_a_503_worth_another_try(serve: Serve) -> None:
    api = serve(sabotaged(StorageUnavailable(SECRET)))
    for operation_id in ENTITIES:
        answer = call(api, operation_id)
        assert failed(answer, 503, "storage_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert says_nothing_of_the_inside(answer)


def test_a_storage_that_hangs_is_a_503_within_6_s(serve: Serve) -> None:
    api = serve(sabotaged(None))
    began = perf_counter()
    with ThreadPoolExecutor(len(ENTITIES)) as pool:
        answers = list(pool.map(lambda operation_id: call(api, operation_id), ENTITIES))
    assert perf_counter() - began < 6
    for answer in answers:
        assert failed(answer, 503, "storage_unavailable")


def test_health_tells_within_1_s_that_storage_is_down(serve: Serve) -> None:
    api = serve(sabotaged(None))
    began = perf_counter()
    answer = api.get("/health/ready")
    assert perf_counter() - began < 1
    assert answer.status == 503
    assert answer.body.startswith(b"storage down: ")
    assert api.get("/health/live").status == 200


@pytest.mark.parametrize("operation_id", WITH_BODY)
@pytest.mark.parametrize("sent", ["nothing", "a part", "chunks without an end"])
def test_a_body_that_is_not_complete_in_time_is_a_408(
    impatient: Api, operation_id: str, sent: str
) -> None:
    operation = OPERATIONS[operation_id]
    chunked = sent == "chunks without an end"
    with CheckedWire(impatient.url) as wire:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100"
        wire.begin(operation.method, operation.path.format(id="x"), framing)
        wire.send(
            {"nothing": b"", "a part": b'{"a":', "chunks without an end": b"2\r\n{}\r\n"}[sent]
        )
        assert failed(wire.answer(), 408, "request_timeout")
        assert wire.is_closed()


@pytest.fixture(scope="module")
def impatient() -> Iterator[Api]:
    def override(container: Container) -> None:
        container.intake.override(Intake(body_seconds=0.1))

    with embedded(MemoryStorage(), override) as url, Api(url) as api:
        yield api


def test_a_body_is_judged_late_only_where_one_is_asked_for(impatient: Api) -> None:
    with CheckedWire(impatient.url) as wire:
        wire.begin("GET", "/users/x", b"Content-Length: 100").send(b"{")
        assert wire.answer().status == 400
    with CheckedWire(impatient.url) as wire:
        wire.begin("POST", "/nothing", b"Content-Length: 100").send(b"{")
        assert wire.answer().status == 404


def test_an_order_with_too_many_waiting_events_takes_no_more_for_now() -> None:
    def never_written(_line: str) -> None:
        raise BrokenPipeError

    with embedded(MemoryStorage(), write=never_written) as url, Api(url) as api:
        shop: Shop = open_shop(api)
        order_id = shop.place_order()
        body = shop.order_body(_id=order_id, items=[shop.item()] * 1_000)
        answers = [api.put("/orders/update", body)]
        while answers[-1].status == 200:
            answers.append(api.put("/orders/update", body))
        assert failed(answers[-1], 503, "overloaded")
        version = answers[-2].headers["etag"]
        assert api.get(f"/orders/{order_id}").headers["etag"] == version
        other = shop.place_order()  # the others go on
        assert api.put("/orders/update", body | {"_id": other}).status == 200
