"""Asks a deployed API, with what its stage wants to be shown or, on purpose, without."""

import time
from collections.abc import Generator
from typing import Any, NamedTuple

import httpx

from toolchain.admin_client import network_words
from toolchain.client import SECONDS, Address, ApiUnreachable, parsed
from toolchain.signing import Signer


class Reply(NamedTuple):
    """What came back, and after how long."""

    status: int
    body: dict[str, Any]
    """The JSON object of it; empty where it is something else."""
    kind: str
    """Its media type."""
    model: str
    ms: float

    @property
    def is_error(self) -> bool:
        """Whether it has the shape that every error of the API has."""
        return self.status >= 400 and {"error", "code"} <= self.body.keys()

    def __str__(self) -> str:
        words = self.body.get("error") or self.body.get("message") or self.kind or "nothing"
        return f"{self.status} {words}"


class Signature(httpx.Auth):
    """Signs every request with AWS credentials."""

    requires_request_body = True

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The signed request."""
        request.headers.update(self._signer.headers(request.method, str(request.url), request.content))
        yield request


class Asker:
    """Someone who calls an API."""

    def __init__(self, to: Address, signer: Signer | None = None) -> None:
        """Call nothing yet."""
        self._url = to.url
        self._key = {"x-api-key": to.key} if to.key else {}
        self._signature = Signature(signer) if signer else None
        self._client = httpx.Client(timeout=SECONDS)
        self.known = bool(self._key or signer)
        """Whether there is anything to show."""

    def ask(self, method: str, path: str, body: object = None, *, shown: bool = True) -> Reply:
        """A call; as a stranger, unless what there is to show is shown. Raises ApiUnreachable."""
        began = time.perf_counter()
        headers = self._key if shown else {}
        signature = self._signature if shown else None
        try:
            response = self._client.request(method, f"{self._url}{path}", json=body, headers=headers, auth=signature)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as fault:
            raise ApiUnreachable(self._url, network_words(fault)) from None
        kind = response.headers.get("content-type", "").partition(";")[0]
        model = response.headers.get("x-ortless-model", "")
        return Reply(response.status_code, parsed(response), kind, model, (time.perf_counter() - began) * 1000)
