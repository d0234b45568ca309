"""What the tests of several packages share."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import hypothesis
import pytest
from moto.server import ThreadedMotoServer

from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import follow
from functions.packaging.build import MODELS, build_all
from functions.packaging.source import find
from tests.scheduling import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

# Other processes have the processor, too: how long an example takes says nothing.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

ROOT = Path(__file__).resolve().parents[1]
EVENTS = Path(__file__).parent / "events"
SAMPLES = [folder.name for folder in find(ROOT / MODELS)]
BUCKET = "models"


@pytest.fixture(autouse=True)
def untraced() -> None:
    """No test goes on with the trace of another."""
    follow(None)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample models, compiled as `make run` and the image do."""
    folder = tmp_path_factory.mktemp("compiled") / "packages"
    build_all(ROOT / MODELS, folder)
    return folder


@pytest.fixture
def settings(packages: Path, tmp_path: Path) -> Settings:
    """A function without a registry."""
    return Settings(packages=str(packages), cache=str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of moto, in this process; the object store's client speaks HTTP, so moto has to as well."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(moto: str) -> Iterator[ObjectStore]:
    """An empty bucket."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    s3 = session.resource("s3", endpoint_url=moto)
    bucket = s3.create_bucket(Bucket=BUCKET)
    yield ObjectStore(
        BUCKET,
        {"region": "us-east-1", "endpoint": moto, "access_key_id": "test", "secret_access_key": "test"},
    )
    bucket.objects.delete()
    bucket.object_versions.delete()
    bucket.delete()


def load_event(name: str) -> dict[str, Any]:
    """An AWS event from tests/events."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event
