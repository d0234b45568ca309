"""An office for jobs on moto: buckets, a model, and files that are dropped and announced."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import boto3
import orjson
import pytest

from functions.batch.desk import Desk
from functions.batch.names import Drop
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

NUMBERS = count(1)
GOLDEN = {"tolerance": 1e-5, "cases": [{"request": {"instances": [[1, 2]]}, "response": {"predictions": [[2, 3]]}}]}


class Office:
    """What a test needs of S3, and a desk as a function has it."""

    def __init__(self, moto: str, packages: Path) -> None:
        self.s3 = boto3.Session("test", "test", region_name="us-east-1").client("s3", endpoint_url=moto)
        self.files, self.out = (f"{name}-{next(NUMBERS)}" for name in ("files", "results"))
        for bucket in (self.files, self.out):
            self.s3.create_bucket(Bucket=bucket)
        versions: Any = {"Status": "Enabled"}
        self.s3.put_bucket_versioning(Bucket=self.files, VersioningConfiguration=versions)
        self.settings = Settings(packages=str(packages), input_bucket=self.files, output_bucket=self.out)

    def desk(self, **settings: Any) -> Desk:
        """What an environment of a function has at hand, from its start on."""
        return Desk(self.settings._replace(**settings))

    def drop(self, key: str, body: bytes, **metadata: str) -> Drop:
        """Put a file into the input bucket."""
        put = self.s3.put_object(Bucket=self.files, Key=key, Body=body, Metadata=metadata)
        return Drop(self.files, key, put["VersionId"])

    def results(self, job: str) -> dict[str, bytes]:
        """Everything that was written of a job, by name."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.out, Prefix=f"{job}/")
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return {key.partition("/")[2]: self.s3.get_object(Bucket=self.out, Key=key)["Body"].read() for key in keys}

    def rows(self, job: str) -> list[Any]:
        """The rows of a job's parts in JSON Lines, as its manifest names them."""
        found = self.results(job)
        parts = [part["key"].partition("/")[2] for part in orjson.loads(found["manifest.json"])["parts"]]
        return [orjson.loads(line) for part in parts for line in found[part].splitlines()]


def announced(*drops: Drop) -> str:
    """The message by which S3 announces files to the queue."""
    return json.dumps({"Records": [_record(drop) for drop in drops]})


def _record(drop: Drop) -> dict[str, Any]:
    stored = {"key": quote_plus(drop.key, safe="/"), "versionId": drop.version_id, "size": 1, "sequencer": "0"}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": drop.bucket}, "object": stored},
    }


def lines(*rows: object) -> bytes:
    """Rows as JSON Lines."""
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


@pytest.fixture(scope="session")
def plus_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of a function that ships with one model, which adds 1."""
    folder = tmp_path_factory.mktemp("batch")
    source = graphs.source(folder, "plus", graphs.plus(1))
    (source / "golden.json").write_text(json.dumps(GOLDEN))
    build(source, folder / "packages")
    return folder / "packages"


@pytest.fixture
def office(moto: str, plus_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Two buckets of its own, the input's with versions."""
    known = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    for name, value in {**known, "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Office(moto, plus_packages)


@pytest.fixture
def nobody() -> Callable[[str], None]:
    """Who large jobs are handed to where there are none."""

    def start(job: str) -> None:
        raise AssertionError(f"{job} was handed on")

    return start
