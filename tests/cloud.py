"""The service on an embedded cloud of a package's own, and callers of it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rich.console import Console

from functions.admin import aliases, transitions
from functions.admin.publication import publish
from functions.core.package import Package
from functions.core.store import ObjectStore
from local.aws import Account
from local.endpoint import ROOT_CREDENTIALS, Endpoint
from local.plan import Plan
from local.service import serving
from local.state import State
from local.steps import Steps


@dataclass(frozen=True)
class Api:
    """A deployed API, called as a client on another machine would."""

    url: str
    key: str | None
    account: Account
    outputs: dict[str, str]

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **request: Any) -> httpx.Response:
        """A call with the key, where there is one."""
        known = {"x-api-key": self.key} if self.key else {}
        return httpx.request(method, f"{self.url}{path}", headers=known | (headers or {}), timeout=30, **request)

    def predict(self, model: str, *instances: object, **request: Any) -> httpx.Response:
        """Predictions for instances."""
        return self.call("POST", f"/v1/models/{model}:predict", json={"instances": instances}, **request)

    def signed(
        self, method: str, path: str, key_id: str, secret: str, region: str = "us-east-1", body: bytes = b""
    ) -> httpx.Response:
        """A call signed with AWS credentials, in the given region."""
        request = AWSRequest(method, f"{self.url}{path}", data=body, headers={"content-type": "application/json"})
        SigV4Auth(Credentials(key_id, secret), "execute-api", region).add_auth(request)
        headers = dict(request.headers)
        if self.key:
            headers["x-api-key"] = self.key
        return httpx.request(method, f"{self.url}{path}", headers=headers, content=body, timeout=30)


@contextmanager
def embedded(folder: Path) -> Iterator[Endpoint]:
    """The whole service, as `make run` starts it, with the sample models published; a folder has what it keeps."""
    with serving(Plan(State(folder)), Steps(Console(file=io.StringIO()))) as (_, endpoint):
        yield endpoint


def api_of(service: Endpoint) -> Api:
    """Its API."""
    assert service.api_url
    return Api(service.api_url, service.api_key, Account(service.endpoint_url), service.outputs)


def registry_of(service: Endpoint) -> ObjectStore:
    """The stack's bucket, opened with the rights of the account's root: only what validates uploads writes to it."""
    assert service.models_bucket
    return ObjectStore(
        service.models_bucket,
        {
            "region": service.region,
            "endpoint": service.endpoint_url,
            "access_key_id": ROOT_CREDENTIALS.access_key_id,
            "secret_access_key": ROOT_CREDENTIALS.secret_access_key,
        },
    )


def release(package: Package, registry: ObjectStore) -> int:
    """Put a package into the registry and make it live, past its validation; returns its version."""
    version = publish(package, registry)
    promotion = partial(transitions.promote, version=version, digest=package.manifest.digest)
    aliases.change(package.manifest.name, promotion, aliases.Author("promote", "tests", ""), registry)
    return version
