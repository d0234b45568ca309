"""The service on an embedded cloud of its own, and callers of it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.core.store import ObjectStore
from functions.packaging.build import build
from local import deployment
from local.aws import Account
from local.endpoint import Endpoint
from local.synthesis import Synthesis
from tests.cloud import Api, api_of, embedded, registry_of, release
from tests.core import graphs
from tests.predict.test_binary import ELEMENTS

__all__ = ["Api", "Variant", "release"]

Variant = Callable[..., "Api"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The whole service, as `make run` starts it, with the sample models published."""
    with embedded(tmp_path_factory.mktemp("cloud")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def api(service: Endpoint) -> Api:
    """Its API."""
    return api_of(service)


@pytest.fixture(scope="session")
def variant(service: Endpoint) -> Variant:
    """Deploys the same app beside the first, under another stage with other settings."""
    account = Account(service.endpoint_url)

    def deployed(name: str, **settings: Any) -> Api:
        stage = {"packaging": "working-tree", "log_retention_days": 1, "removal": "destroy"} | settings
        stage = {"monitoring": {"page": False}} | stage  # the embedded cloud refuses alarms over alarms
        assembly: Path = Synthesis().run({"stage": name, "stages": {name: stage}})
        _, outputs = deployment.deploy(assembly, account)
        url = deployment.api_url(outputs, service.endpoint_url)
        assert url
        return Api(url, deployment.api_key(outputs, account), account, outputs)

    return deployed


@pytest.fixture(scope="session")
def registry(service: Endpoint) -> ObjectStore:
    """The stack's bucket, opened with the rights of the account's root: only what validates uploads writes to it."""
    return registry_of(service)


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
