"""The API of jobs as an application."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from functions import VERSION
from functions.batch.jobs.routes import router
from functions.batch.jobs.service import Service
from functions.rest import problems

STATUSES = {
    "invalid_input": 400,
    "file_refused": 400,
    "unknown_model": 404,
    "unknown_version": 404,
    "unknown_job": 404,
    "conflict": 409,
    "invalid_package": 503,
    "store_unavailable": 503,
    "service_unavailable": 503,
}
"""Stable code -> status. A code that is not here is a defect of ours."""
DOCUMENT = "/v1/jobs/openapi.json"
"""Where the gateway leads to this function, and no job is called so."""


def create(service: Service, cors_origins: tuple[str, ...] = ()) -> FastAPI:
    """The application over a service.

    Args:
        cors_origins: origins whose pages may read its answers; the gateway answers what they ask before.
    """
    app = FastAPI(title="ortless: jobs", version=VERSION, openapi_url=DOCUMENT, docs_url=None, redoc_url=None)
    app.state.service = service
    app.include_router(router)
    problems.install(app, STATUSES)
    if cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=cors_origins, allow_methods=("GET", "POST", "DELETE"))
    return app
