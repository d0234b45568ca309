"""The composition root: settings, registry, catalog; and one way to answer, whatever the transport."""

from collections.abc import Callable, Mapping
from time import perf_counter

from functions.core.catalog import Catalog
from functions.core.errors import OrtlessError, PayloadTooLarge
from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.telemetry import emit
from functions.predict.exchange import HEADER_LENGTH, Request, Response
from functions.predict.gateway import wire_size
from functions.predict.problem import from_error
from functions.predict.routes import Route

ReadBody = Callable[[int], bytes]

COMPRESSIBLE = 16 * 1024
"""Bytes from which an answer may be compressed: below, it saves no round trip and costs time."""
LARGEST_ANSWER = 6 * 1024 * 1024 - 1024
"""Bytes that Lambda hands on of what a function returns, less what the envelope of status and headers takes."""
SMALLER = "; ask for fewer rows or outputs, for binary data, or accept gzip"


class Service:
    """Answers requests from the models of one function."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self.settings = settings
        self.catalog = Catalog(registry, settings)
        if settings.preload:
            self._preload()

    def answer(self, route: Route, parameters: Mapping[str, str], head: Request, read: ReadBody) -> Response:
        """Let the route's lane answer, an error included, and write the request's line to the log.

        Args:
            head: the request without its body.
            read: gives the body, or raises what is wrong with it; told how many bytes it may have.
        """
        started = perf_counter()
        request = head
        try:
            request = head._replace(body=read(self.settings.max_body_bytes))
            if "content-encoding" in head.headers:
                request = self._expand(request)
            response = route.lane(self.catalog, request, parameters)
        except OrtlessError as error:
            response = from_error(error)
        self._record(request, response, route.template, started)
        if len(response.body) >= COMPRESSIBLE:
            response = self._fit(request, response)
        return self.allow_origin(request, response)

    # The library that compresses is imported by the first body that is compressed or may be.
    def _expand(self, request: Request) -> Request:
        from functions.predict.compression import expand

        return expand(request, self.settings.max_body_bytes)

    def _fit(self, request: Request, response: Response) -> Response:
        """Compress a large answer where the caller takes that, and refuse one that Lambda would not let through."""
        if "accept-encoding" in request.headers:
            from functions.predict.compression import compress

            response = compress(request, response)
        size = wire_size(response)
        if size <= LARGEST_ANSWER:
            return response
        return from_error(PayloadTooLarge(size, LARGEST_ANSWER, "an answer", SMALLER))

    def _record(self, request: Request, response: Response, route: str, started: float) -> None:
        """Write the one line that the log has of a request; its content stays out."""
        emit(
            "request",
            route=f"{request.method} {route}",
            id=request.id,
            model=response.model,
            status=response.status,
            code=response.code,
            ms=round((perf_counter() - started) * 1e3, 3),
            bytes_in=len(request.body),
            bytes_out=len(response.body),
        )

    def allow_origin(self, request: Request, response: Response) -> Response:
        """Add what a browser asks for when a page of an allowed origin made the call."""
        origin = request.headers.get("origin")
        allowed = self.settings.cors_origins
        if origin and (origin in allowed or "*" in allowed):
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = f"x-ortless-model, x-cache, {HEADER_LENGTH}"
            response.headers["vary"] = ", ".join(filter(None, (response.headers.get("vary"), "origin")))
        return response

    def _preload(self) -> None:
        for name in self.catalog.names():
            try:
                self.catalog.model(name)
            except OrtlessError as error:
                emit("model_load_failed", model=name, error=str(error), code=error.code)
