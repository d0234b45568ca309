"""The composition root: settings, registry, catalog; and one way to answer, whatever the transport."""

from collections.abc import Callable, Mapping
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING

from functions.core.catalog import Catalog, Resident
from functions.core.errors import OrtlessError, PayloadTooLarge, StoreUnavailable
from functions.core.registry import Registry
from functions.core.residents import CANARY
from functions.core.settings import Settings
from functions.core.telemetry import NONE, followed, keep, measured, write
from functions.predict.exchange import CACHE, EXPOSED, TIMING, VARIANT, Request, Response, Trail
from functions.predict.gateway import wire_size
from functions.predict.routes import Route

if TYPE_CHECKING:
    from functions.predict.capturing.capture import Capture

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

    def __init__(self, settings: Settings, registry: Registry, began: float | None = None) -> None:
        """Stand ready to answer.

        Args:
            began: when the environment did, by `perf_counter`; None: before there was a request that waited for it.
        """
        self.settings = settings
        keep(settings.metrics_namespace, settings.metrics)
        self.catalog = Catalog(registry, settings)
        made = perf_counter()
        if settings.preload:
            self.catalog.preload()
        start = None if began is None else (made - began, perf_counter() - made)
        self._meter = Meter(settings, self.catalog, start)
        self._watches = False  # an environment's first answer does not wait for what looks for drift
        self._capture = _capture(settings) if settings.capture_bucket else None

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
        except Exception as fault:
            # A defect is Lambda's to report, without words that may quote the request; the version that has it must be
            # known by its metrics all the same.
            from functions.core.defects import Defect
            from functions.predict.problem import problem  # a start has no use for either

            self._meter.record(request, trail, problem("internal", ""), route.template, parameters, started)
            raise Defect(fault) from None
        ms = self._meter.record(request, trail, response, route.template, parameters, started)
        if trail.predictor is not None and not trail.named and response.status == 200:
            self._try(trail, trail.predictor, request, response, ms)
        if self._watches and trail.predictor is not None and trail.predictor.watch is None:
            self._watch(trail.predictor)
        self._watches = self.settings.drift_rows > 0
        if self._capture is not None and trail.asked:
            self._capture.note(route.lane.__name__, trail, request, response, ms, followed() or "")
        if len(response.body) >= COMPRESSIBLE:
            response = self._fit(request, response)
        waited = f", cold;dur={_ms(trail.waited)}" if trail.waited else ""
        response.headers[TIMING] = f"total;dur={_ms(perf_counter() - started)}{waited}"
        return self.allow_origin(request, response)

    def _watch(self, predictor: Resident) -> None:
        """From its next request on, look whether what a model is asked is like what it was evaluated on."""
        from functions.core.drift.watch import watch  # a start has no use for it

        predictor.watch = watch(predictor, self.settings) or False

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

    def allow_origin(self, request: Request, response: Response) -> Response:
        """Add what a browser asks for when a page of an allowed origin made the call."""
        origin = request.headers.get("origin")
        allowed = self.settings.cors_origins
        if origin and (origin in allowed or "*" in allowed):
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = EXPOSED
            response.headers["vary"] = ", ".join(filter(None, (response.headers.get("vary"), "origin")))
        return response


def _capture(settings: Settings) -> "Capture":
    from functions.predict.capturing.capture import Capture  # hardly a stage keeps requests

    return Capture(settings)


class Meter:
    """Writes the one line that the log has of a request; what was asked and answered stays out."""

    def __init__(self, settings: Settings, catalog: Catalog, start: tuple[float, float] | None) -> None:
        """Begin with an environment.

        Args:
            start: the seconds that it took to import, and to load models; None: no request waited for that.
        """
        self._catalog = catalog
        self._start = start
        self._ms_usd = settings.gb_second_usd * settings.memory_mb / 1024 / 1000
        self._invocation_usd = settings.invocation_usd

    def record(
        self,
        request: Request,
        trail: Trail,
        response: Response,
        route: str,
        parameters: Mapping[str, str],
        started: float,
    ) -> float:
        """Write a request's line, its metrics with it; returns the milliseconds that it took so far."""
        ended = perf_counter()
        ms = _ms(ended - started)
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
        values: dict[str, float] = {}
        model, version = NONE, NONE
        if trail.asked and (known := self._version(trail, parameters, response)):
            model, version = parameters["name"], known
            values = _values(request, response, ms)
            if response.status != 200:
                line["model"] = f"{model}@{version}"
            elif trail.decoded and trail.predictor is not None:
                values |= _parts(trail, *trail.predictor.ran, started, ended)
        if self._start is not None:
            values |= self._cold_start(trail, *self._start, ms)
            self._start = None
        if values:
            line |= measured(model, version, self._with_cost(values), response.code)
        if response.labels:
            line["labels"] = response.labels
        write(line)
        return ms

    def _version(self, trail: Trail, parameters: Mapping[str, str], response: Response) -> str:
        """The version that a request was for; empty where there is none, or only the caller says that there is."""
        if trail.predictor is not None:
            return trail.predictor.version
        live = self._catalog.version(parameters["name"]) if _is_failure(response) else ""
        if not live or "version" not in parameters:
            return live
        return NONE if response.code == StoreUnavailable.code else parameters["version"]

    def _cold_start(self, trail: Trail, imported: float, loaded: float, ms: float) -> dict[str, float]:
        """Of an environment's first answer, for which its caller waited that much longer."""
        loaded += trail.looked
        trail.waited = imported + loaded
        billed = ceil(ms) + ceil(imported * 1e3)
        return {"ColdStarts": 1, "ColdImport": _ms(imported), "ColdLoad": _ms(loaded), "BilledDuration": billed}

    def _with_cost(self, values: dict[str, float]) -> dict[str, float]:
        if self._ms_usd and "BilledDuration" in values:
            values["EstimatedCost"] = values["BilledDuration"] * self._ms_usd + self._invocation_usd
        return values


def _is_failure(response: Response) -> bool:
    return response.status >= 500 or response.code in MODEL_FAULTS


def _values(request: Request, response: Response, ms: float) -> dict[str, float]:
    """What is measured of every request to a model."""
    failed = _is_failure(response)
    if response.status != 200 and not failed:
        return {"Refusals": 1}
    values = {
        "Requests": 1,
        "Errors": int(failed),
        "Latency": ms,
        "BytesIn": len(request.body),
        "BytesOut": len(response.body),
        "BilledDuration": ceil(ms),
    }
    kept = response.headers.get(CACHE)
    if kept:
        values["CacheHits"] = int(kept == "hit")
        values["CacheMisses"] = int(kept != "hit")
    return values


def _parts(trail: Trail, began: float, ran: float, started: float, ended: float) -> dict[str, float]:
    """Where the time of an answer went; what went into finding the model is none of these."""
    return {
        "Decode": _ms(trail.decoded - started - trail.looked),
        "Preprocess": _ms(began - trail.decoded),
        "Run": _ms(ran - began),
        "Encode": _ms(ended - ran),
    }


def _refused(error: OrtlessError) -> Response:
    from functions.predict.problem import from_error  # a start has no use for it

    return from_error(error)


def _ms(seconds: float) -> float:
    return int(seconds * 1e6) / 1e3  # rounding takes five times as long
