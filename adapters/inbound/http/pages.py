"""The specification as it was written, and an interactive page of it that loads nothing from outside."""

from decimal import Decimal
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from litestar import HttpMethod, Request, Router, route
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.params import FromPath
from litestar.types import ASGIApp

from adapters.inbound.http.answers import JSON, Answer
from adapters.inbound.http.bodies import HttpRequest

READ = [HttpMethod.GET, HttpMethod.HEAD]

ASSETS = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui-standalone-preset.js": b"text/javascript; charset=utf-8",
}


class _ExactLoader(yaml.CSafeLoader):
    """Reads numbers as they are written: the examples hold prices that no float can."""


def _read_decimal(loader: yaml.Loader, node: Any) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _read_decimal)

_to_json = msgspec.json.Encoder(decimal_format="number").encode


class _Page(SwaggerRenderPlugin):
    @staticmethod
    def render_json(_request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return _to_json(openapi_schema)


def page_routes() -> Router:
    """Make `/openapi.yaml`, `/openapi.json` and `/docs`."""
    written = files("spec").joinpath("openapi.yaml").read_bytes()
    document = yaml.load(written, _ExactLoader)  # noqa: S506 - it is a safe loader
    page = _Page(
        js_url="/docs/swagger-ui-bundle.js",
        css_url="/docs/swagger-ui.css",
        standalone_preset_js_url="/docs/swagger-ui-standalone-preset.js",
        favicon="<link rel='icon' href='data:,'>",
    )

    @route("/openapi.yaml", http_method=READ)
    async def openapi_yaml() -> ASGIApp:
        return Answer(written, b"application/yaml")  # RFC 9512

    @route("/openapi.json", http_method=READ)
    async def openapi_json() -> ASGIApp:
        return Answer(_to_json(document), JSON)

    @route("/docs", http_method=READ)
    async def docs(request: HttpRequest) -> ASGIApp:
        return Answer(page.render(request, document), b"text/html; charset=utf-8")

    @route("/docs/{name:str}", http_method=READ, sync_to_thread=True)
    def asset(name: FromPath[str]) -> ASGIApp:
        if name not in ASSETS:
            raise NotFoundException
        return Answer(files("swagger_ui").joinpath("static", name).read_bytes(), ASSETS[name])

    return Router("/", route_handlers=[openapi_yaml, openapi_json, docs, asset])
