"""The admin API over a registry on moto, with two versions of a small model that passed their validation."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.admin.app import create
from functions.admin.service import Service
from functions.core import manifest as manifests
from functions.core.holdings import VERDICT, key
from functions.core.package import Package
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.packaging.build import build
from functions.rest.gateway import behind_gateway
from tests.conftest import BUCKET
from tests.core import graphs
from tests.predict.calls import Answer, answer, event

WHO = "arn:aws:iam::123456789012:user/ada"
TOPIC = "arn:aws:sns:us-east-1:123456789012:canaries"
SETTINGS = Settings(model_bucket=BUCKET, validator="validator", alarm_topic=TOPIC, alarm_prefix="test")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> list[Package]:
    """Four packages of one model that answer differently: x + 1, x + 2, ..."""
    folder = tmp_path_factory.mktemp("versions")
    sources = [graphs.source(folder / str(amount), "plus", graphs.plus(amount)) for amount in range(1, 5)]
    return [build(source, source.parent / "out") for source in sources]


def put_version(store: ObjectStore, package: Package, number: int, *, accepted: bool = True, **said: str) -> None:
    """A version as its validation leaves it in the registry."""
    name = package.manifest.name
    for file in (*package.manifest.files, manifests.FILE):
        store.put_if_absent(key(name, number, file), Path(package.directory, file).read_bytes())
    verdict = {"accepted": accepted, "digest": package.manifest.digest, "model": name, "upload": "0" * 32}
    verdict |= {"who": WHO, "at": "2026-01-01T00:00:00+00:00", "reason": "", "checks": [], "version": number}
    verdict |= said
    store.put_if_absent(key(name, number, VERDICT), orjson.dumps(verdict))


@pytest.fixture
def registry(store: ObjectStore, compiled: list[Package]) -> ObjectStore:
    """A registry with versions 1 to 4 of `plus`."""
    for number, package in enumerate(compiled, 1):
        put_version(store, package, number)
    return store


@pytest.fixture
def service(registry: ObjectStore, moto: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service over that registry."""
    assert registry.bucket == BUCKET
    environment = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    for name, value in {**environment, "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Service(SETTINGS)


class Api:
    """The handler of the admin API, called as the gateway calls it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._handler = behind_gateway(create(service))

    def __call__(self, method: str, path: str, body: Any = None, who: str = WHO, **headers: str) -> Answer:
        content = b"" if body is None else orjson.dumps(body)
        call = event(method, path, content, {"Content-Type": "application/json"} | headers)
        call["requestContext"]["identity"] = {"userArn": who, "sourceIp": "127.0.0.1"}
        return answer(self._handler(call, None))  # type: ignore[arg-type]  # Mangum reads nothing of the context

    def alias(self) -> Any:
        """What serves of the model."""
        return self("GET", "/admin/models/plus").body["alias"]


@pytest.fixture
def api(service: Service) -> Iterator[Api]:
    """The API over that service, on an event loop of its own: Mangum would leave the one that it makes open."""
    with closing(asyncio.new_event_loop()) as loop:
        asyncio.set_event_loop(loop)
        yield Api(service)
        asyncio.set_event_loop(None)
