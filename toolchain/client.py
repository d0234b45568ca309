"""Calls a deployed API as any client would: by its address and key."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import orjson

from functions.core.errors import OrtlessError

STATE = Path(__file__).resolve().parents[1] / ".local"
SECONDS = 60.0
"""Longer than the gateway waits, a cold start included."""


class NoAddress(OrtlessError):
    """Nobody said where the API is, and no local cloud is up."""

    code = "no_address"

    def __init__(self) -> None:
        super().__init__(
            "Expected the API's address - got none\n"
            "hint: give --url or ORTLESS_URL, or start a local cloud: python -m local up --detach"
        )


class ApiUnreachable(OrtlessError):
    """Nothing that speaks HTTP answers at the address."""

    code = "api_unreachable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"There is no answer from {url}: {reason}")


class ApiRefused(OrtlessError):
    """The API answered with an error; its own words."""

    code = "api_refused"

    def __init__(self, status: int, code: str, words: str) -> None:
        hint = "\nhint: give the API's key with --key or ORTLESS_API_KEY" if status in (401, 403) else ""
        super().__init__(f"{words} [{status}{f' {code}' if code else ''}]{hint}")


class Address(NamedTuple):
    """Where an API is, and the key that it wants, if any."""

    url: str
    key: str


class Answer(NamedTuple):
    """What the API said, and which model at which version it was."""

    body: dict[str, Any]
    model: str


def address(url: str, key: str, variables: Mapping[str, str] = os.environ) -> Address:
    """The address given, or else the local cloud's; the local cloud's key goes to the local cloud only.

    Raises:
        NoAddress: there is neither.
    """
    known = record(variables)
    local = str(known.get("api_url") or "")
    chosen = (url or local).rstrip("/")
    if not chosen:
        raise NoAddress
    own = str(known.get("api_key") or "") if chosen == local.rstrip("/") else ""
    return Address(chosen, key or own)


def predict(to: Address, name: str, body: dict[str, Any]) -> Answer:
    """Ask a model.

    Raises:
        ApiUnreachable: nothing answered.
        ApiRefused: the API answered with an error.
    """
    url = f"{to.url}/v1/models/{quote(name, safe='')}:predict"
    headers = {"content-type": "application/json"} | ({"x-api-key": to.key} if to.key else {})
    try:
        response = httpx.post(url, content=orjson.dumps(body), headers=headers, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
        raise ApiUnreachable(to.url, str(fault) or type(fault).__name__) from None
    content = parsed(response)
    if response.is_success and "predictions" in content:
        return Answer(content, response.headers.get("x-ortless-model", name))
    words = content.get("error") or content.get("message") or response.text[:200] or response.reason_phrase
    raise ApiRefused(response.status_code, str(content.get("code", "")), str(words))


def record(variables: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """What the local cloud says of itself while it is up; nothing when there is none."""
    directory = Path(variables.get("ORTLESS_STATE_DIR") or STATE)
    try:
        found = json.loads((directory / "endpoint.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def parsed(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where it is something else."""
    try:
        content = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
