"""The one place where an error becomes an answer: its status, and the shape that every error has."""

from http import HTTPStatus

from functions.core.errors import OrtlessError
from functions.predict.exchange import Response, write_json

STATUSES = {
    "invalid_json": HTTPStatus.BAD_REQUEST,
    "invalid_input": HTTPStatus.BAD_REQUEST,
    "model_failed": HTTPStatus.BAD_REQUEST,
    "unknown_model": HTTPStatus.NOT_FOUND,
    "unknown_version": HTTPStatus.NOT_FOUND,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "payload_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "invalid_package": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "object_missing": HTTPStatus.SERVICE_UNAVAILABLE,
    "deadline_exceeded": HTTPStatus.GATEWAY_TIMEOUT,
}
"""Stable code -> status. A code that is not here is a defect of ours."""


def problem(code: str, message: str) -> Response:
    """The answer to a failed request: {"error": message, "code": code}."""
    status = STATUSES.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
    return write_json({"error": message, "code": code}, status=int(status))._replace(code=code)


def from_error(error: OrtlessError) -> Response:
    """The answer that an error stands for."""
    return problem(error.code, str(error))
