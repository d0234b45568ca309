"""The batch image: what is in it, and its handler, called as Lambda calls it, over buckets on moto."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.image_size import measure
from functions.core.settings import environment
from tests.image.buildah import configuration, container
from tests.image.emulator import Emulator
from tests.image.sandbox import Sandbox

pytestmark = pytest.mark.image

RAW, GZIPPED = 218.0, 72.5
"""MB that the dependencies may weigh: 5 % more than they did when this was set."""
NEVER_SHIPS = {"toolchain", "infra", "local", "tests", "predict", "admin", "packaging", "model_artifacts", "pip"}
MODULES = ("handler", "distributed", "jobs.handler")
INPUT, OUTPUT = "dropped", "results"
REGION = "us-east-1"
ROWS = [
    {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2},
    {"sepal_length": 6.7, "sepal_width": 3.0, "petal_length": 5.2, "petal_width": 2.3},
]
LABELS = ["setosa", "virginica"]


@pytest.fixture(scope="module")
def settings_of_image(batch_image: str) -> dict[str, Any]:
    """What the image says about how it is run."""
    config: dict[str, Any] = configuration(batch_image)["config"]
    return config


@pytest.fixture(scope="module")
def task(batch_image: str) -> Iterator[Path]:
    """Where the image has its code."""
    with container(batch_image) as (_, mounted):
        yield mounted / "var/task"


@pytest.fixture(scope="module")
def sandbox(task: Path, settings_of_image: dict[str, Any]) -> Sandbox:
    """Where its commands run."""
    return Sandbox(task.parents[1], settings_of_image)


@pytest.fixture(scope="module")
def s3(moto: str) -> Any:
    """A client of moto, with both buckets made."""
    client = boto3.Session("test", "test", region_name=REGION).client("s3", endpoint_url=moto)
    for bucket in (INPUT, OUTPUT):
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture(scope="module")
def drop(
    sandbox: Sandbox, settings_of_image: dict[str, Any], moto: str, s3: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """The image's first handler, waiting for messages."""
    assert s3
    emulator = Emulator(tmp_path_factory.mktemp("batch") / "log")
    aws = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": REGION}
    variables = {f"AWS_{name}": value for name, value in aws.items()} | {"AWS_DEFAULT_REGION": REGION}
    settings = environment(input_bucket=INPUT, output_bucket=OUTPUT)
    command = (*settings_of_image["Entrypoint"], *settings_of_image["Cmd"])
    with emulator.over(sandbox, command, **variables, **settings):
        yield emulator


def message(key: str, version: str, size: int) -> dict[str, Any]:
    """What SQS hands to the function when S3 has told it of an object."""
    told = {
        "s3SchemaVersion": "1.0",
        "bucket": {"name": INPUT, "arn": f"arn:aws:s3:::{INPUT}"},
        "object": {"key": key, "size": size, "eTag": "0", "versionId": version, "sequencer": "00"},
    }
    record = {"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put"}
    return {
        "messageId": f"message of {key}",
        "receiptHandle": "handle",
        "body": json.dumps({"Records": [record | {"s3": told}]}),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0", "SenderId": "s3"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:files",
        "awsRegion": REGION,
    }


def parquet() -> bytes:
    """The rows as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink, compression="zstd")
    return sink.getvalue()


def test_its_dependencies_are_within_their_budget(task: Path) -> None:
    weighed = measure(task).total
    assert (100 < weighed.raw <= RAW, weighed.gzipped <= GZIPPED) == (True, True), weighed


def test_it_holds_batch_the_models_and_nothing_of_the_other_functions(task: Path) -> None:
    held = sorted(path.name for path in (task / "functions").iterdir())
    assert held == ["__init__.py", "__pycache__", "batch", "core", "rest"]
    assert {path.name for folder in (task, task / "functions") for path in folder.iterdir()} & NEVER_SHIPS == set()
    assert (task / "packages" / "iris-svm").is_dir()


def test_its_user_is_not_root_and_its_command_answers_messages(settings_of_image: dict[str, Any]) -> None:
    assert (settings_of_image["User"], settings_of_image["Cmd"]) == ("1000:1000", ["functions.batch.handler.handler"])


@pytest.mark.parametrize("name", MODULES)
def test_every_handler_is_there_and_starts_on_what_is_left_of_its_dependencies(name: str, sandbox: Sandbox) -> None:
    code = f"import functions.batch.{name} as m, sys; print(callable(m.handler), *sys.version_info[:2])"
    done = sandbox.run("AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "python3", "-c", code)
    assert (done.stdout, done.returncode) == ("True 3 13\n", 0), done.stderr


def test_files_of_lines_and_of_columns_are_answered(drop: Emulator, s3: Any) -> None:
    contents = {
        "iris-svm/rows.jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in ROWS),
        "iris-svm/rows.parquet": parquet(),
    }
    messages, jobs = [], []
    for key, content in contents.items():
        note = {"ortless": json.dumps({"format": "jsonl"})}
        version = s3.put_object(Bucket=INPUT, Key=key, Body=content, Metadata=note)["VersionId"]
        messages.append(message(key, version, len(content)))
        jobs.append(hashlib.sha256(f"{INPUT}\0{key}\0{version}".encode()).hexdigest()[:32])
    assert drop.tell({"Records": messages}) == {"batchItemFailures": []}, drop.log.read_text()[-4000:]
    for job in jobs:
        manifest = json.load(s3.get_object(Bucket=OUTPUT, Key=f"{job}/manifest.json")["Body"])
        assert (manifest["model"], manifest["rows"], manifest["answered"], manifest["errors"]) == ("iris-svm", 2, 2, 0)
        (part,) = manifest["parts"]
        answered = s3.get_object(Bucket=OUTPUT, Key=part["key"])["Body"].read()
        assert [json.loads(line)["prediction"]["label"] for line in answered.splitlines()] == LABELS
