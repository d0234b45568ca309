"""A registry on the embedded cloud, with the sample models published and live."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from functions.core.store import ObjectStore
from functions.packaging.build import MODELS, build_all
from local.cloud import Cloud
from local.state import State
from toolchain.promotion import promote
from toolchain.publication import publish

BUCKET = "benchmark-models"
REGION = "us-east-1"


@contextmanager
def published(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a function whose registry holds what ships with it, as version 1, live."""
    packages = build_all(MODELS, folder / "packages")
    with Cloud.start(State(folder / "cloud"), owned=True) as cloud:
        session = boto3.Session("test", "test", region_name=REGION)
        session.client("s3", endpoint_url=cloud.url).create_bucket(Bucket=BUCKET)
        store = ObjectStore(
            BUCKET,
            {"region": REGION, "endpoint": cloud.url, "access_key_id": "test", "secret_access_key": "test"},
        )
        for package in packages:
            promote(package.manifest.name, publish(package, store), store)
        yield {
            "ORTLESS_PACKAGES": str(folder / "packages"),
            "ORTLESS_MODEL_BUCKET": BUCKET,
            "AWS_ENDPOINT_URL": cloud.url,
        }
