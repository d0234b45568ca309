"""The one line that the log has of each call of an application; what was asked and answered stays out."""

import os
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.core import traces
from functions.core.telemetry import NONE, emit, follow

CODE = "ortless.code"
"""Where in a call's scope its error's stable code stands."""


class Calls:
    """An application whose calls, and every line that they make, are in the log under the trace of their callers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and say how that went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        follow(traces.of({name.decode(): value.decode("latin-1") for name, value in scope["headers"]}, os.environ))
        began, status = perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            emit("request", **_line(scope, status), ms=round((perf_counter() - began) * 1e3, 3))


def _line(scope: Scope, status: int) -> dict[str, Any]:
    event = scope.get("aws.event") or {}
    template = getattr(scope.get("route"), "path", NONE)  # never the path itself: callers choose what is in it
    request_id = (event.get("requestContext") or {}).get("requestId") or ""
    code = scope.get(CODE, "")
    return {"route": f"{scope['method']} {template}", "id": request_id, "status": status, "code": code}
