"""The paths of the API and the lane that answers each; FastAPI and the hot path both read this table."""

from collections.abc import Callable, Mapping, Sequence
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

    def values(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The template's parameters in a path of as many segments; None if it is another path.

        Done by hand: compiling a regular expression for each route takes 2 ms of every start.
        """
        found: dict[str, str] = {}
        for wanted, segment in zip(self.template.split("/"), segments, strict=True):
            if not wanted.startswith("{"):
                if wanted != segment:
                    return None
                continue
            name, suffix = wanted[1:].split("}")
            value = segment.removesuffix(suffix)
            if value + suffix != segment or not value or ":" in value:
                return None
            found[name] = value
        return found


ROUTES = (
    Route("POST", "/v2/models/{name}/infer", v2.infer),
    Route("POST", "/v1/models/{name}:predict", v1.predict),
    Route("POST", "/v2/models/{name}/versions/{version}/infer", v2.infer),
    Route("POST", "/v1/models/{name}/versions/{version}:predict", v1.predict),
    Route("POST", "/v1/models/{name}:explain", v1.explain),
    Route("POST", "/v1/models/{name}/versions/{version}:explain", v1.explain),
    Route("GET", "/v2/health/live", v2.live),
    Route("GET", "/v2/health/ready", v2.ready),
    Route("GET", "/v2", v2.describe_server),
    Route("GET", "/v2/models/stats", v2.statistics),
    Route("GET", "/v2/models/{name}", v2.describe_model),
    Route("GET", "/v2/models/{name}/config", v2.configuration),
    Route("GET", "/v2/models/{name}/stats", v2.statistics),
    Route("GET", "/v2/models/{name}/versions/{version}/config", v2.configuration),
    Route("GET", "/v2/models/{name}/versions/{version}/stats", v2.statistics),
    Route("POST", "/v2/repository/index", v2.index),
    Route("POST", "/v2/repository/models/{name}/load", v2.load),
    Route("POST", "/v2/repository/models/{name}/unload", v2.unload),
    Route("GET", "/v2/models/{name}/ready", v2.model_ready),
    Route("GET", "/v2/models/{name}/versions/{version}", v2.describe_model),
    Route("GET", "/v2/models/{name}/versions/{version}/ready", v2.model_ready),
    Route("GET", "/v1/models", v1.list_models),
    Route("GET", "/v1/models/{name}", v1.describe_model),
    Route("GET", "/v1/models/{name}/versions/{version}", v1.describe_model),
    Route("GET", "/v1/models/{name}/examples", v1.list_examples),
    Route("GET", "/v1/models/{name}/versions/{version}/examples", v1.list_examples),
)


def match(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a call and the values of its template's parameters; None if no lane answers it."""
    segments = path.split("/")
    for route in ROUTES:
        if route.method == method and route.template.count("/") == len(segments) - 1:
            values = route.values(segments)
            if values is not None:
                return route, values
    return None
