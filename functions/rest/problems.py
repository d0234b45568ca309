"""One shape for every error of an application: {"error", "code"} and the status that belongs to the code."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.defects import described
from functions.core.errors import OrtlessError, brief
from functions.core.telemetry import emit
from functions.rest.calls import CODE

CODES = {404: "not_found", 405: "method_not_allowed"}
More = Callable[[OrtlessError], Mapping[str, Any]]


def install(app: FastAPI, statuses: Mapping[str, int], more: More = lambda _error: {}) -> None:
    """Have an application answer errors so.

    Args:
        statuses: of the stable codes of our errors. A code that is not there is a defect of ours: 500.
        more: further fields of an error.
    """

    def of_ours(request: Request, fault: Exception) -> JSONResponse:
        error = cast("OrtlessError", fault)
        return _answer(request, statuses.get(error.code, 500), error.code, str(error), more(error))

    app.add_exception_handler(OrtlessError, of_ours)
    app.add_exception_handler(RequestValidationError, _of_the_request)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_middleware(Unforeseen)


class Unforeseen:
    """Answers what nobody foresaw. Starlette's own way raises it again, for the log to have all of its words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the log says where it failed, and never what came."""
        try:
            await self._app(scope, receive, send)
        except Exception as fault:
            emit("internal_error", error=described(fault))
            scope[CODE] = "internal"
            document = {"error": "Something went wrong on our side; the log says where", "code": "internal"}
            await JSONResponse(document, 500)(scope, receive, send)


def _answer(
    request: Request, status: int, code: str, message: str, more: Mapping[str, Any] = MappingProxyType({})
) -> JSONResponse:
    request.scope[CODE] = code
    return JSONResponse({"error": message, "code": code, **more}, status)


def _of_the_request(request: Request, error: Exception) -> JSONResponse:
    first = cast(RequestValidationError, error).errors()[0]
    source, *path = first["loc"]
    place = ".".join(map(str, path)) or source
    message = f"Expected {_wanted(first['msg'])} - got {brief(first.get('input'))} - at `{place}`"
    return _answer(request, 400, "invalid_input", message)


def _wanted(message: str) -> str:
    return message[0].lower() + message[1:] if message else "something else"


def _of_the_framework(request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    code = CODES.get(refused.status_code, "invalid_input")
    return _answer(request, refused.status_code, code, str(refused.detail))
