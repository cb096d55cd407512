"""The specification as it was written, and an interactive page of it that loads nothing from outside."""

import json
from importlib.resources import files

import yaml
from litestar import HttpMethod, Router, route
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.types import ASGIApp

from adapters.inbound.http.answers import JSON, Answer
from adapters.inbound.http.bodies import HttpRequest

READ = [HttpMethod.GET, HttpMethod.HEAD]

ASSETS = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui-standalone-preset.js": b"text/javascript; charset=utf-8",
}


def page_routes() -> Router:
    """Make `/openapi.yaml`, `/openapi.json` and `/docs`."""
    written = files("spec").joinpath("openapi.yaml").read_bytes()
    document = yaml.load(written, yaml.CSafeLoader)
    as_json = json.dumps(document, ensure_ascii=False).encode()
    page = SwaggerRenderPlugin(
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
        return Answer(as_json, JSON)

    @route("/docs", http_method=READ)
    async def docs(request: HttpRequest) -> ASGIApp:
        return Answer(page.render(request, document), b"text/html; charset=utf-8")

    @route("/docs/{name:str}", http_method=READ, sync_to_thread=True)
    def asset(name: str) -> ASGIApp:
        if name not in ASSETS:
            raise NotFoundException
        return Answer(files("swagger_ui").joinpath("static", name).read_bytes(), ASSETS[name])

    return Router("/", route_handlers=[openapi_yaml, openapi_json, docs, asset])
