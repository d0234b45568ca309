"""Calls the admin API of a stage, signed with the operator's AWS credentials."""

import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson

from toolchain import client
from toolchain.admin_errors import AccessDenied, AdminRefused, AdminUnreachable, Conflict
from toolchain.signing import Signer, signer

SECONDS = 35.0
"""Longer than the gateway waits."""
PAUSES = (0.5, 1.0)
"""Seconds before a GET is tried again; what changes something is never tried twice."""
PASSING = (429, 502, 503, 504)
"""Statuses that may be others in a moment."""


class Admin:
    """The admin API of one stage, as an operator calls it.

    Every call raises AdminUnreachable where nothing answers, AccessDenied where the signature does not suffice,
    Conflict where the state of a model does not allow the change, AdminRefused for any other error of the API, and
    NoCredentials where the credentials cannot be renewed.
    """

    def __init__(self, url: str, signer: Signer, seconds: float = SECONDS) -> None:
        """Call nothing yet.

        Args:
            url: with the stage, without a slash at its end.
            seconds: to wait for an answer.
        """
        self._url = url
        self._signer = signer
        self._client = httpx.Client(timeout=seconds)

    def get(self, path: str) -> Any:
        """What is at a path under /admin; tried again when the network or the service hiccups."""
        for pause in PAUSES:
            try:
                return self._call("GET", path, b"")
            except AdminUnreachable:
                pass
            except AdminRefused as refused:
                if refused.status not in PASSING:
                    raise
            time.sleep(pause)
        return self._call("GET", path, b"")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have something done; None in the body is left to the API."""
        return self._call("POST", path, orjson.dumps(body))

    def delete(self, path: str) -> Any:
        """Have something ended."""
        return self._call("DELETE", path, b"")

    def model(self, name: str) -> dict[str, Any] | None:
        """A model's alias and versions; None where the registry has nothing of it."""
        try:
            found: dict[str, Any] = self.get(model_path(name))
        except AdminRefused as refused:
            if refused.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return found

    def change(self, name: str, verb: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change a model's alias: promote, canary, shadow or rollback. Answers the alias as it is then."""
        changed: dict[str, Any] = self.post(f"{model_path(name)}:{verb}", fields)
        return changed

    def _call(self, method: str, path: str, body: bytes) -> Any:
        url = f"{self._url}/admin{path}"
        try:
            headers = self._signer.headers(method, url, body)
            response = self._client.request(method, url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
            raise AdminUnreachable(method, self._url, network_words(fault)) from None
        content = client.parsed(response)
        if response.is_success and content:
            return content
        words = str(content.get("error") or content.get("message") or content.get("Message") or _plain(response))
        if response.status_code == httpx.codes.FORBIDDEN:
            raise AccessDenied(self._signer.identity, method, f"/admin{path}", words)
        if response.status_code == httpx.codes.CONFLICT:
            raise Conflict(words, content.get("state"))
        raise AdminRefused(response.status_code, str(content.get("code", "")), words)


def connect(url: str, variables: Mapping[str, str] = os.environ) -> Admin:
    """The admin API at an address, or else the local cloud's.

    Raises:
        NoAddress, NoCredentials, NoRegion: something to reach it with is missing.
        AdminUnreachable: the address is none of HTTP.
    """
    address = client.address(url, "", variables).url
    if not _is_http(address):
        raise AdminUnreachable("GET", address, "it does not begin with https:// and a host's name")
    return Admin(address, signer(address, variables))


def model_path(name: str) -> str:
    """Where a model is under /admin."""
    return f"/models/{quote(name, safe='')}"


def network_words(fault: Exception) -> str:
    """A failure of the network, in words."""
    match fault:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "it could not be reached in time"
        case httpx.TimeoutException():
            return "it did not answer in time"
    return str(fault) or type(fault).__name__


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _plain(response: httpx.Response) -> str:
    return " ".join(response.text[:200].split()) or response.reason_phrase
