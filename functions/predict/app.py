"""The whole API as one documented FastAPI app, and that app as a Lambda handler."""

import asyncio
import atexit
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi import Response as HttpResponse
from mangum import Mangum
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException

from functions import VERSION
from functions.predict import gateway
from functions.predict.documentation import TITLE, description, document
from functions.predict.exchange import Request, Response, check_size
from functions.predict.model_documents import paths
from functions.predict.pages import page
from functions.predict.problem import problem
from functions.predict.routes import ROUTES, SEGMENT_PATTERN, Route
from functions.predict.service import Service

Scope = MutableMapping[str, Any]
Endpoint = Callable[[HttpRequest], Awaitable[HttpResponse]]
SEGMENT = "segment"
LOOP = asyncio.new_event_loop()
"""Where Mangum runs requests; from Python 3.12 on a thread has no loop that nobody made."""
atexit.register(LOOP.close)

CODES = {404: "not_found", 405: "method_not_allowed"}


class Segment(Convertor[str]):
    """What a parameter of a path may be: a colon ends it, as in `{name}:predict`."""

    regex = SEGMENT_PATTERN

    def convert(self, value: str) -> str:
        """As it stands."""
        return value

    def to_string(self, value: str) -> str:
        """As it stands."""
        return value


def build(service: Service) -> FastAPI:
    """The app. Its servers entry is relative, so that docs and clients work behind any stage, path or domain."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=description(service.catalog.names()),
        servers=[{"url": "."}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    register_url_convertor(SEGMENT, Segment())
    for route in ROUTES:
        app.add_api_route(
            route.template.replace("}", f":{SEGMENT}}}"),
            _endpoint(service, route),
            methods=[route.method],
            **document(route),
        )
    _add_docs(app, service)
    app.add_exception_handler(HTTPException, _http_error(service))
    return app


def lambda_app(service: Service) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The app behind Mangum. There is no lifespan: models load when they are asked for."""
    app = build(service)
    asyncio.set_event_loop(LOOP)

    async def below_stage(scope: Scope, receive: Any, send: Any) -> None:
        scope["path"] = gateway.inner_path(scope["aws.event"])
        await app(scope, receive, send)

    return Mangum(below_stage, lifespan="off")


def _endpoint(service: Service, route: Route) -> Endpoint:
    async def endpoint(http: HttpRequest) -> HttpResponse:
        content = await http.body()

        def read(limit: int) -> bytes:
            check_size(len(content), limit)
            return content

        return _http(service.answer(route, http.path_params, _head(http), read))

    endpoint.__name__ = route.lane.__name__
    endpoint.__doc__ = route.lane.__doc__
    return endpoint


def _head(http: HttpRequest) -> Request:
    event = http.scope.get("aws.event") or {}
    request_id = event.get("requestContext", {}).get("requestId", "")
    return Request(http.method, http.url.path, dict(http.headers), b"", request_id)


def _http(response: Response) -> HttpResponse:
    return HttpResponse(response.body, response.status, response.headers)


def _http_error(service: Service) -> Callable[[HttpRequest, Exception], Awaitable[HttpResponse]]:
    async def handle(http: HttpRequest, fault: Exception) -> HttpResponse:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        path = http.url.path
        message = f"There is no {http.method} {path}" if status in CODES else str(fault)
        return _http(service.allow_origin(_head(http), problem(CODES.get(status, "internal"), message)))

    return handle


def _add_docs(app: FastAPI, service: Service) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        # FastAPI keeps what it makes; models come and go.
        document = app.openapi()
        return document | {"paths": paths(service.catalog) | document["paths"]}

    @app.get("/docs", include_in_schema=False)
    async def docs(http: HttpRequest) -> HttpResponse:
        return _http(page("docs.html", _head(http)))

    @app.get("/docs/{name}", include_in_schema=False)
    async def asset(http: HttpRequest, name: str) -> HttpResponse:
        return _http(page(name, _head(http)))
