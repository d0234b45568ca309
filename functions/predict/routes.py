"""The paths of the API and the lane that answers each; FastAPI and the hot path both read this table."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from functions.core.catalog import Catalog
from functions.predict import v1, v2
from functions.predict.exchange import Request, Response

SEGMENT_PATTERN = "[^/:]+"
"""What a parameter of a path may be."""

Lane = Callable[[Catalog, Request, Mapping[str, str]], Response]


class Route(NamedTuple):
    """A path template in FastAPI's notation, and the lane that answers it."""

    method: str
    template: str
    lane: Lane
    pattern: re.Pattern[str]


def _route(method: str, template: str, lane: Lane) -> Route:
    pattern = re.sub(r"\\{(\w+)\\}", rf"(?P<\1>{SEGMENT_PATTERN})", re.escape(template))
    return Route(method, template, lane, re.compile(pattern))


ROUTES = (
    _route("POST", "/v2/models/{name}/infer", v2.infer),
    _route("POST", "/v1/models/{name}:predict", v1.predict),
    _route("POST", "/v2/models/{name}/versions/{version}/infer", v2.infer),
    _route("POST", "/v1/models/{name}/versions/{version}:predict", v1.predict),
    _route("GET", "/v2/health/live", v2.live),
    _route("GET", "/v2/health/ready", v2.ready),
    _route("GET", "/v2", v2.describe_server),
    _route("GET", "/v2/models/{name}", v2.describe_model),
    _route("GET", "/v2/models/{name}/ready", v2.model_ready),
    _route("GET", "/v2/models/{name}/versions/{version}", v2.describe_model),
    _route("GET", "/v2/models/{name}/versions/{version}/ready", v2.model_ready),
    _route("GET", "/v1/models", v1.list_models),
    _route("GET", "/v1/models/{name}", v1.describe_model),
    _route("GET", "/v1/models/{name}/versions/{version}", v1.describe_model),
)


def match(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a call and the values of its template's parameters; None if no lane answers it."""
    for route in ROUTES:
        if route.method == method and (found := route.pattern.fullmatch(path)):
            return route, found.groupdict()
    return None
