"""The console as an application."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from functions import VERSION
from functions.console.policy import Guarded
from functions.console.routes import api, router
from functions.console.service import Service
from functions.rest import problems

STATUSES = {
    "invalid_input": 400,
    "not_found": 404,
    "unknown_model": 404,
    "unknown_version": 404,
    "unknown_report": 404,
    "invalid_package": 503,
    "object_missing": 503,
    "store_unavailable": 503,
    "service_unavailable": 503,
}
"""Stable code -> status. A code that is not here is a defect of ours."""
DOCUMENT = "/console/api/openapi.json"
WORTH_COMPRESSING = 1400
"""Bytes of an answer: less goes in one packet anyway."""


def create(service: Service, headers: dict[str, str]) -> Guarded:
    """The application over a service.

    Args:
        headers: of every answer.
    """
    app = FastAPI(
        title="ortless: console",
        version=VERSION,
        openapi_url=DOCUMENT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.include_router(api)
    app.include_router(router)
    problems.install(app, STATUSES)
    app.add_middleware(GZipMiddleware, minimum_size=WORTH_COMPRESSING)
    return Guarded(app, headers)
