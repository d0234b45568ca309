"""Calls the API of jobs: with a key as any caller, or signed as an operator, who sees every job."""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import httpx
import orjson

from toolchain.admin_client import PASSING, Admin, network_words
from toolchain.admin_errors import AdminRefused, AdminUnreachable
from toolchain.client import Address, ApiRefused, parsed
from toolchain.jobs.errors import JobsUnavailable

SECONDS = 35.0
"""Longer than the gateway waits."""
PAGE = 100
"""Most jobs that one answer has."""
OVER = ("done", "failed", "cancelled")
"""States that a job stays in."""


class Api(Protocol):
    """What answers; every method raises JobsUnavailable where it does not, now."""

    def get(self, path: str) -> Any:
        """What is at a path."""

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have something made or done."""

    def delete(self, path: str) -> Any:
        """Have something ended."""


class Jobs:
    """The jobs of a key, or all of them; raises what its API does."""

    def __init__(self, api: Api) -> None:
        """Call nothing yet."""
        self._api = api

    def create(self, model: str, order: Mapping[str, Any]) -> dict[str, Any]:
        """A job for a file that is uploaded next; says where to."""
        made: dict[str, Any] = self._api.post(f"/models/{quote(model, safe='')}/jobs", order)
        return made

    def look(self, job: str, first_part: int = 0) -> dict[str, Any]:
        """How a job fares; of a long list of results, those from a part on."""
        query = f"?first_part={first_part}" if first_part else ""
        found: dict[str, Any] = self._api.get(f"/jobs/{quote(job, safe='')}{query}")
        return found

    def each(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Short forms, the newest first, a page at a time; all of them, or so many."""
        after, left = "", sys.maxsize if most is None else most
        while left > 0:
            query: dict[str, Any] = {"limit": min(left, PAGE)} | ({"after": after} if after else {})
            found = self._api.get(f"/jobs?{urlencode(query)}")
            yield from found["jobs"][:left]
            left -= len(found["jobs"])
            after = found["next"]
            if not after:
                return

    def cancel(self, job: str) -> dict[str, Any]:
        """End a job that waits or runs."""
        ended: dict[str, Any] = self._api.delete(f"/jobs/{quote(job, safe='')}")
        return ended

    def redrive(self, *, dry_run: bool) -> dict[str, Any]:
        """Bring back what failed; for operators."""
        redriven: dict[str, Any] = self._api.post("/jobs:redrive", {"dry_run": dry_run})
        return redriven


class Keyed:
    """The API as callers see it. Raises ApiRefused for what is not to be had by trying again."""

    def __init__(self, to: Address) -> None:
        """Call nothing yet."""
        self._url = to.url
        headers = {"content-type": "application/json"} | ({"x-api-key": to.key} if to.key else {})
        self._client = httpx.Client(timeout=SECONDS, headers=headers)

    def get(self, path: str) -> Any:
        """What is at a path under /v1."""
        return self._call("GET", path)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have something made."""
        return self._call("POST", path, orjson.dumps(body))

    def delete(self, path: str) -> Any:
        """Have something ended."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        try:
            response = self._client.request(method, f"{self._url}/v1{path}", content=body)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
            raise JobsUnavailable(f"There is no answer from {self._url}: {network_words(fault)}") from None
        content = parsed(response)
        if response.is_success and content:
            return content
        words = str(content.get("error") or content.get("message") or response.reason_phrase)
        if response.status_code in PASSING:
            raise JobsUnavailable(f"{words} [{response.status_code}]")
        raise ApiRefused(response.status_code, str(content.get("code", "")), words)


class Signed:
    """The API as operators see it; raises as Admin does, besides."""

    def __init__(self, admin: Admin) -> None:
        """Call nothing yet."""
        self._admin = admin

    def get(self, path: str) -> Any:
        """What is at a path under /admin."""
        return self._passing(lambda: self._admin.get(path))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Have something done."""
        return self._passing(lambda: self._admin.post(path, body))

    def delete(self, path: str) -> Any:
        """Have something ended."""
        return self._passing(lambda: self._admin.delete(path))

    @staticmethod
    def _passing(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except AdminUnreachable as fault:
            raise JobsUnavailable(str(fault)) from None
        except AdminRefused as refused:
            if refused.status not in PASSING:
                raise
            raise JobsUnavailable(str(refused)) from None
