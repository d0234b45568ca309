"""The admin API as an application: its routes, and one shape for every error."""

from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from functions import VERSION
from functions.admin.errors import StateConflict
from functions.admin.lifecycle import state
from functions.admin.routes import router
from functions.admin.service import Service
from functions.core.errors import OrtlessError, brief
from functions.core.telemetry import emit

STATUSES = {
    "invalid_input": 400,
    "unknown_model": 404,
    "unknown_version": 404,
    "unknown_upload": 404,
    "object_missing": 404,
    "conflict": 409,
    "invalid_package": 503,
    "store_unavailable": 503,
    "alarms_refused": 503,
}
"""Stable code -> status. A code that is not here is a defect of ours."""
CODES = {404: "not_found", 405: "method_not_allowed"}


def create(service: Service) -> FastAPI:
    """The application over a service."""
    app = FastAPI(
        title="ortless: lifecycle of models",
        version=VERSION,
        openapi_url="/admin/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.include_router(router)
    app.add_exception_handler(OrtlessError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_the_request)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(Exception, _of_nobody)
    return app


def _of_ours(_request: Request, error: Exception) -> JSONResponse:
    code = error.code if isinstance(error, OrtlessError) else "internal"
    document: dict[str, Any] = {"error": str(error), "code": code}
    if isinstance(error, StateConflict):
        document["state"] = state(error.model, error.state)
    return JSONResponse(document, STATUSES.get(code, 500))


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
