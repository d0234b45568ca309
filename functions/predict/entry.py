"""What Lambda invokes: a request with a lane is answered at once, everything else goes through FastAPI."""

import os
from collections.abc import Callable
from typing import Any

from functions.core import telemetry, traces
from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.predict import gateway
from functions.predict.routes import match
from functions.predict.service import Service

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Entry:
    """The function's handler. FastAPI, pydantic and Mangum are imported by the first event that needs them."""

    def __init__(self, settings: Settings, registry: Registry | None = None, began: float | None = None) -> None:
        """Make what answers; `began` is as `Service` has it."""
        self.service = Service(settings, registry or Registry.of(settings), began)
        self._cold: Handler | None = None

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one event of API Gateway."""
        if gateway.is_rest(event):
            head = gateway.head(event)
            telemetry.follow(traces.of(head.headers, os.environ))
            found = match(head.method, head.path)
            if found:
                return gateway.result(self.service.answer(*found, head, lambda limit: gateway.body(event, limit)))
        else:
            telemetry.follow(traces.of({}, os.environ))
        return self.cold(event, context)

    def cold(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer through the documented app; the same lanes stand behind both ways."""
        if self._cold is None:
            from functions.predict.app import lambda_app

            self._cold = lambda_app(self.service)
        return self._cold(event, context)
