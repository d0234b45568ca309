"""Calls as API Gateway's events, answered the hot way and the cold way."""

import base64
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

import orjson

from functions.predict.entry import Entry
from tests.conftest import load_event

TEMPLATE = load_event("rest_predict_linear")
TRACE = "67891233abcdef012345678912345678"
"""That it is of."""


class Answer(NamedTuple):
    """Status, JSON body and headers."""

    status: int
    body: Any
    headers: dict[str, str]


def event(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The event of a call; API Gateway sends every body in base64, as all media types count as binary."""
    made: dict[str, Any] = deepcopy(TEMPLATE)
    root, _, rest = path.lstrip("/").partition("/")
    made["resource"] = f"/{root}/{{proxy+}}" if rest else f"/{root}"
    made["pathParameters"] = {"proxy": rest} if rest else None
    made |= {"path": path, "httpMethod": method, "body": base64.b64encode(body).decode()}
    made["requestContext"]["path"] = f"/prod{path}"
    given = headers or {}
    made["headers"] |= given
    made["multiValueHeaders"] |= {name: [value] for name, value in given.items()}
    return made


def untimed(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers but for how long the answer took, which every one has and no two alike."""
    assert "server-timing" in headers
    return {name: value for name, value in headers.items() if name != "server-timing"}


def call(entry: Entry, method: str, path: str, body: object = b"", headers: dict[str, str] | None = None) -> Answer:
    """The answer of the handler."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return answer(entry(event(method, path, content, headers), None))


def answer(result: dict[str, Any]) -> Answer:
    """What a client would see of a handler's result."""
    text = base64.b64decode(result["body"]) if result["isBase64Encoded"] else result["body"].encode()
    kind = result["headers"]["content-type"]
    return Answer(result["statusCode"], orjson.loads(text) if kind == "application/json" else text, result["headers"])
