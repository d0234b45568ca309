"""One shape for every error of an application: {"error", "code"} and the status that belongs to the code."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from functions.core.errors import OrtlessError, brief
from functions.core.telemetry import emit

CODES = {404: "not_found", 405: "method_not_allowed"}
More = Callable[[OrtlessError], Mapping[str, Any]]


def install(app: FastAPI, statuses: Mapping[str, int], more: More = lambda _error: {}) -> None:
    """Have an application answer errors so.

    Args:
        statuses: of the stable codes of our errors. A code that is not there is a defect of ours: 500.
        more: further fields of an error.
    """

    def of_ours(_request: Request, fault: Exception) -> JSONResponse:
        error = cast("OrtlessError", fault)
        return JSONResponse({"error": str(error), "code": error.code, **more(error)}, statuses.get(error.code, 500))

    app.add_exception_handler(OrtlessError, of_ours)
    app.add_exception_handler(RequestValidationError, _of_the_request)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(Exception, _of_nobody)


def _of_the_request(_request: Request, error: Exception) -> JSONResponse:
    first = cast(RequestValidationError, error).errors()[0]
    source, *path = first["loc"]
    place = ".".join(map(str, path)) or source
    message = f"Expected {_wanted(first['msg'])} - got {brief(first.get('input'))} - at `{place}`"
    return JSONResponse({"error": message, "code": "invalid_input"}, 400)


def _wanted(message: str) -> str:
    return message[0].lower() + message[1:] if message else "something else"


def _of_the_framework(_request: Request, error: Exception) -> JSONResponse:
    refused = cast(HTTPException, error)
    return JSONResponse(
        {"error": str(refused.detail), "code": CODES.get(refused.status_code, "invalid_input")}, refused.status_code
    )


def _of_nobody(_request: Request, error: Exception) -> JSONResponse:
    emit("internal_error", error=f"{type(error).__name__}: {error}")
    return JSONResponse({"error": "Something went wrong on our side; the log says what", "code": "internal"}, 500)
