"""A request and its answer, free of any transport."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidInput, InvalidJson, PayloadTooLarge, brief
from functions.core.predictor import Predictor

JSON = "application/json"
BINARY = "application/octet-stream"
HEADER_LENGTH = "inference-header-content-length"
"""Header that says where the JSON of a body ends and the bytes of its binary tensors begin."""


class Request(NamedTuple):
    """What a lane may know of a call: header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    id: str


class Response(NamedTuple):
    """What a lane answers: `code` is the error's stable code, `model` names what answered, if a model did."""

    status: int
    headers: dict[str, str]
    body: bytes
    code: str = ""
    model: str = ""


def check_size(size: int, limit: int) -> None:
    """Refuse a body by its size in bytes, before anything reads it.

    Raises:
        PayloadTooLarge: it exceeds the limit.
    """
    if size > limit:
        raise PayloadTooLarge(size, limit)


def read_json(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries. Raises as `parse_json` does."""
    return parse_json(request.body)


def parse_json(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is.

    Raises:
        InvalidJson: it is not JSON, holds NaN, a lone surrogate or a number beyond 64 bits, or is nested too deep.
        InvalidInput: it is JSON, but no object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise InvalidJson(str(fault)) from None
    if type(document) is not dict:
        raise InvalidInput("$", "a JSON object", brief(document))
    return document


def write_json(document: object, predictor: Predictor | None = None, status: int = 200) -> Response:
    """An answer in JSON; numpy arrays and numbers are written as they are, NaN and infinities as null."""
    headers = {"content-type": JSON}
    model = ""
    if predictor:
        model = headers["x-ortless-model"] = predictor.package.label
    return Response(status, headers, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), model=model)
