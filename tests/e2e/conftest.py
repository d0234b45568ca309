"""The service on an embedded cloud of its own, and callers of it."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from rich.console import Console

from functions.admin import aliases, transitions
from functions.admin.publication import publish
from functions.core.package import Package
from functions.core.store import ObjectStore
from functions.packaging.build import build
from local import deployment
from local.aws import Account
from local.endpoint import ROOT_CREDENTIALS, Endpoint
from local.plan import Plan
from local.service import serving
from local.state import State
from local.steps import Steps
from local.synthesis import Synthesis
from tests.core import graphs
from tests.predict.test_binary import ELEMENTS

Variant = Callable[..., "Api"]


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


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The whole service, as `make run` starts it, with the sample models published."""
    state = State(tmp_path_factory.mktemp("cloud"))
    with serving(Plan(state), Steps(Console(file=io.StringIO()))) as (_, endpoint):
        yield endpoint


@pytest.fixture(scope="session")
def api(service: Endpoint) -> Api:
    """Its API."""
    assert service.api_url
    return Api(service.api_url, service.api_key, Account(service.endpoint_url), service.outputs)


@pytest.fixture(scope="session")
def variant(service: Endpoint) -> Variant:
    """Deploys the same app beside the first, under another stage with other settings."""
    account = Account(service.endpoint_url)

    def deployed(name: str, **settings: Any) -> Api:
        stage = {"packaging": "working-tree", "log_retention_days": 1, "removal": "destroy"} | settings
        assembly: Path = Synthesis().run({"stage": name, "stages": {name: stage}})
        _, outputs = deployment.deploy(assembly, account)
        url = deployment.api_url(outputs, service.endpoint_url)
        assert url
        return Api(url, deployment.api_key(outputs, account), account, outputs)

    return deployed


@pytest.fixture(scope="session")
def registry(service: Endpoint) -> ObjectStore:
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


@pytest.fixture(scope="session")
def echoes(api: Api, registry: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A model for each datatype in the registry, that answers what it is given."""
    folder = tmp_path_factory.mktemp("echoes")
    names = [f"echo-{datatype.lower()}" for datatype in ELEMENTS]
    for name, element in zip(names, ELEMENTS.values(), strict=True):
        package = build(graphs.source(folder, name, graphs.identity(element)), folder / "packages")
        release(package, registry)
    deadline = time.monotonic() + 20
    # A function that has just looked which models there are looks again after a second.
    while any(api.call("GET", f"/v2/models/{name}/ready").status_code != 200 for name in names):
        assert time.monotonic() < deadline
        time.sleep(0.2)
