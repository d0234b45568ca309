"""The one place where an error becomes an answer: its status, and the shape that every error has."""

from functions.core.errors import OrtlessError
from functions.predict.exchange import Response, write_json

STATUSES = {
    "invalid_json": 400,
    "invalid_input": 400,
    "model_failed": 400,
    "unknown_model": 404,
    "unknown_version": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "invalid_package": 503,
    "store_unavailable": 503,
    "object_missing": 503,
    "deadline_exceeded": 504,
}
"""Stable code -> status. A code that is not here is a defect of ours."""


def problem(code: str, message: str) -> Response:
    """The answer to a failed request: {"error": message, "code": code}."""
    status = STATUSES.get(code, 500)
    return write_json({"error": message, "code": code}, status=status)._replace(code=code)


def from_error(error: OrtlessError) -> Response:
    """The answer that an error stands for."""
    return problem(error.code, str(error))
