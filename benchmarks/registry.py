"""A registry on the embedded cloud, with the sample models published and live."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import boto3

from functions.admin import aliases, transitions
from functions.admin.aliases import Author
from functions.admin.publication import publish
from functions.core.store import ObjectStore
from functions.packaging.build import MODELS, build_all
from local.cloud import Cloud
from local.state import State

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
            version = publish(package, store)
            promotion = partial(transitions.promote, version=version, digest=package.manifest.digest)
            aliases.change(package.manifest.name, promotion, Author("promote", "benchmark", ""), store)
        yield {
            "ORTLESS_PACKAGES": str(folder / "packages"),
            "ORTLESS_MODEL_BUCKET": BUCKET,
            "AWS_ENDPOINT_URL": cloud.url,
        }
