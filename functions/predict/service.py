"""The composition root: settings, registry, catalog; and one way to answer, whatever the transport."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from functions.core.catalog import Catalog, Resident
from functions.core.errors import OrtlessError, PayloadTooLarge
from functions.core.registry import Registry
from functions.core.residents import CANARY
from functions.core.settings import Settings
from functions.core.telemetry import measured, write
from functions.predict.exchange import CACHE, EXPOSED, VARIANT, Request, Response, Trail
from functions.predict.gateway import wire_size
from functions.predict.routes import Route

ReadBody = Callable[[int], bytes]

COMPRESSIBLE = 16 * 1024
"""Bytes from which an answer may be compressed: below, it saves no round trip and costs time."""
LARGEST_ANSWER = 6 * 1024 * 1024 - 1024
"""Bytes that Lambda hands on of what a function returns, less what the envelope of status and headers takes."""
MODEL_FAULTS = ("model_failed", "deadline_exceeded")
"""Codes of what a model did wrong although the status tells the caller of a request that may be changed."""
SMALLER = "; ask for fewer rows or outputs, for binary data, or accept gzip"


class Service:
    """Answers requests from the models of one function."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self.settings = settings
        self.catalog = Catalog(registry, settings)
        if settings.preload:
            self.catalog.preload()

    def answer(self, route: Route, parameters: Mapping[str, str], head: Request, read: ReadBody) -> Response:
        """Let the route's lane answer, an error included, and write the request's line to the log.

        Args:
            head: the request without its body.
            read: gives the body, or raises what is wrong with it; told how many bytes it may have.
        """
        started = perf_counter()
        request, trail = head, Trail()
        try:
            # No name here for the body as it came: what it expands to takes its place.
            limit = self.settings.max_body_bytes
            request = Request(head.method, head.path, head.headers, read(limit), head.id, trail)
            if "content-encoding" in head.headers:
                request = self._expand(request)
            response = route.lane(self.catalog, request, parameters)
        except OrtlessError as error:
            response = _refused(error)
        except Exception:
            # A defect is Lambda's to report; the version that has it must be known by its metrics all the same.
            from functions.predict.problem import problem  # a start has no use for it

            self._record(request, problem("internal", ""), route.template, parameters, _since(started))
            raise
        ms = _since(started)
        self._record(request, response, route.template, parameters, ms)
        if trail.predictor is not None and not trail.named and response.status == 200:
            self._try(trail, trail.predictor, request, response, ms)
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
        return _refused(PayloadTooLarge(size, LARGEST_ANSWER, "an answer", SMALLER))

    def _try(self, trail: Trail, answered: Resident, request: Request, response: Response, ms: float) -> None:
        """What a trial adds: the answer of a canary says so, and what the live version answered its shadow is asked."""
        if answered.role == CANARY:
            response.headers[VARIANT] = CANARY
        elif answered.shadowed and trail.lane and response.headers.get(CACHE) != "hit":
            from functions.predict.shadow import ask  # only while one is asked

            shadow = self.catalog.shadow(answered.manifest.name)
            if shadow is not None:
                ask(shadow, answered, trail.lane, request, response, ms, self.settings.shadow_ms)

    def _record(
        self, request: Request, response: Response, route: str, parameters: Mapping[str, str], ms: float
    ) -> None:
        """Write the one line that the log has of a request; its content stays out."""
        line = {
            "event": "request",
            "route": f"{request.method} {route}",
            "id": request.id,
            "model": response.model,
            "status": response.status,
            "code": response.code,
            "ms": ms,
            "bytes_in": len(request.body),
            "bytes_out": len(response.body),
        }
        if request.trail and request.trail.asked:
            self._measure(line, request.trail, response, parameters, ms)
        write(line)

    def _measure(
        self, line: dict[str, Any], trail: Trail, response: Response, parameters: Mapping[str, str], ms: float
    ) -> None:
        """Add to a line what it says of the model that was asked: its metrics, and its labels."""
        failed = response.status >= 500 or response.code in MODEL_FAULTS
        model, version = parameters["name"], ""
        if trail.predictor is not None:
            version = trail.predictor.version
        elif failed:
            version = self.catalog.version(model, parameters.get("version"))
        if version and (failed or response.status == 200):
            line |= measured(model, version, failed, ms)
        if version and response.status != 200:
            line["model"] = f"{model}@{version}"
        if response.labels:
            line["labels"] = response.labels

    def allow_origin(self, request: Request, response: Response) -> Response:
        """Add what a browser asks for when a page of an allowed origin made the call."""
        origin = request.headers.get("origin")
        allowed = self.settings.cors_origins
        if origin and (origin in allowed or "*" in allowed):
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = EXPOSED
            response.headers["vary"] = ", ".join(filter(None, (response.headers.get("vary"), "origin")))
        return response


def _refused(error: OrtlessError) -> Response:
    from functions.predict.problem import from_error  # a start has no use for it

    return from_error(error)


def _since(started: float) -> float:
    """Milliseconds."""
    return round((perf_counter() - started) * 1e3, 3)
