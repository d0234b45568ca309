"""An application behind API Gateway, wherever the gateway has it: below a stage, or below a domain name's base path."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mangum import Mangum
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.rest.calls import Calls


def behind_gateway(app: ASGIApp) -> Mangum:
    """The handler of REST events: the application sees the paths of its own routes, the log a line of each call."""
    calls = Calls(app)

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        await calls({**scope, "path": inner_path(scope["aws.event"])}, receive, send)

    return Mangum(below, lifespan="off")


def inner_path(event: Mapping[str, Any]) -> str:
    """The template of an event's resource filled in: alone of all that it says it is free of stages and base paths."""
    path: str = event.get("resource") or event["path"]
    for name, value in (event.get("pathParameters") or {}).items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}+}}", value)
    return unquote(path).rstrip("/") or "/"
