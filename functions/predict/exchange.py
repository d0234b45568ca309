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

MEMORY_LIMIT = 18 * 1024 * 1024
"""Bytes that a document of JSON may take while it is parsed: three times the largest body."""
WEIGHTS = ((b",", 56), (b"[", 136), (b"{", 176), (b":", 64), (b'"', 16))
"""Bytes that the parser takes at most for what each of these stands for: a value, a list, an object, a member, a text.

Two bytes of a body can be a list of 88 bytes, so a body that is small enough to be read may not be to be parsed. Each
value takes 16 bytes in the parser, 8 in its list and 32 as a number; measured with orjson 3.11 on CPython 3.11.
"""
LIGHTER = " in memory (pictures in base64 and tensors of numbers or bytes take less)"
LIGHT = MEMORY_LIMIT // (3 + 136 + 56)
"""Bytes of a body that is parsed without a look: no document in it takes more than the limit."""


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
        PayloadTooLarge: parsed, it would take more memory than a document may.
    """
    if len(body) > LIGHT:
        _check_weight(body)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise InvalidJson(str(fault)) from None
    if type(document) is not dict:
        raise InvalidInput("$", "a JSON object", brief(document))
    return document


def _check_weight(body: bytes) -> None:
    """Refuse what has too many values for its size, whatever they are: counted, as parsing is what takes the memory.

    The parser takes a copy of the body, and what is text another one; one character beyond Latin-1, which may be an
    escape, makes a string of up to four bytes for each of its characters.
    """
    from functions.core.occurrences import occurrences  # large bodies only

    copies = 3 if body.isascii() and not (b"\\" in body and b"\\u" in body) else 6
    weight = copies * len(body) + sum(size * occurrences(body, mark) for mark, size in WEIGHTS)
    if weight > MEMORY_LIMIT + LIGHT:
        raise PayloadTooLarge(weight, MEMORY_LIMIT, "JSON", LIGHTER)


def write_json(document: object, predictor: Predictor | None = None, status: int = 200) -> Response:
    """An answer in JSON; numpy arrays and numbers are written as they are, NaN and infinities as null."""
    headers = {"content-type": JSON}
    model = ""
    if predictor:
        model = headers["x-ortless-model"] = predictor.package.label
    return Response(status, headers, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), model=model)
