"""The admin API as an application: its routes, and one shape for every error."""

from typing import Any

from fastapi import FastAPI

from functions import VERSION
from functions.admin.errors import StateConflict
from functions.admin.routes import router
from functions.admin.service import Service
from functions.core.errors import OrtlessError
from functions.core.holdings import state
from functions.rest import problems

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
    problems.install(app, STATUSES, _more)
    return app


def _more(error: OrtlessError) -> dict[str, Any]:
    return {"state": state(error.model, error.state)} if isinstance(error, StateConflict) else {}
