"""What is served beside the operations: health, the specification, and a page to read it."""

import re

import pytest
import yaml

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.exact_json import from_json
from conformance.http.specification import DOCUMENT, WRITTEN

pytestmark = [
    pytest.mark.safe,
    pytest.mark.contract(
        "Not in an envelope: `HEAD`, `OPTIONS`, 304, `/health/*`, `/openapi.*`, `/docs` and its assets, `/metrics`"
    ),
]


@pytest.mark.contract(
    "`GET /health/ready` answers 200 or 503, `text/plain`, one line per dependency (`storage ok`, `storage down: "
    "<reason>`, `events ok`, `events degraded: <reason>`)"
)
def test_health_speaks_plain_text_one_line_a_dependency(api: Api) -> None:
    live, ready = api.get("/health/live"), api.get("/health/ready")
    assert (live.status, ready.status) == (200, 200)
    for answer in (live, ready):
        assert answer.headers["content-type"].startswith("text/plain")
    storage, events = ready.body.decode().splitlines()
    assert storage == "storage ok"
    assert events == "events ok" or events.startswith("events degraded: ")


def test_the_specification_is_served_as_it_was_written(api: Api) -> None:
    answer = api.get("/openapi.yaml")
    assert (answer.status, answer.body) == (200, WRITTEN)
    assert yaml.safe_load(answer.body)["openapi"].startswith("3.1")


def test_the_specification_is_served_in_json_with_exact_examples(api: Api) -> None:
    answer = api.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert from_json(answer.body) == DOCUMENT


def test_the_page_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.get("/docs")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page.body.decode())
    assets = [address for address in loaded if not address.startswith("data:")]
    assert len(assets) == 3
    for address in assets:
        assert address.startswith("/docs/")
        asset = api.get(address)
        assert asset.status == 200
        assert asset.body


@pytest.mark.contract(lines.OPTIONS)
@pytest.mark.parametrize(
    "path", ["/openapi.yaml", "/openapi.json", "/docs", "/docs/swagger-ui.css"]
)
def test_a_page_is_served_to_head_and_options_too(api: Api, path: str) -> None:
    read, head = api.get(path), api.request("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == read.headers["content-length"]
    assert head.headers["content-type"] == read.headers["content-type"]
    options = api.request("OPTIONS", path)
    assert options.status == 204
    assert set(re.split(r"\s*,\s*", options.headers["allow"])) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.contract(lines.NO_ROUTE)
@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fpyproject.toml", "index.html", "%2e%2e"])
def test_nothing_else_is_served_beside_the_page(api: Api, name: str) -> None:
    assert api.get(f"/docs/{name}").status == 404
