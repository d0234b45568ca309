"""A stage that keeps requests stores what it should, what is redacted nowhere, and only its readers see any of it."""

import gzip
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.core.errors import StoreUnavailable
from local.aws import Account
from local.endpoint import Credentials, Endpoint
from tests.e2e.conftest import Api, Variant
from tests.e2e.test_access import user
from tests.e2e.test_people import lesser
from toolchain.capturing.reading import Reader
from toolchain.deployment import CloudRefused, Deployment

MODEL, LINEAR = "/v1/models/iris-svm:predict", "/v1/models/linear-regression:predict"
MARK = 0.3718281
"""A petal's width that is in nothing else."""
MOST = 3000
"""Requests after which each environment has had more than a batch."""


@pytest.fixture(scope="module")
def keeping(variant: Variant) -> Api:
    """A stage that keeps every request to one model."""
    capture = {"share": 1, "models": ["iris-svm"], "redact": ["petal_width"]}
    return variant("keeping", capture=capture, tiers={"default": {"rate": 1000, "burst": 2000}})


@pytest.fixture(scope="module")
def bucket(keeping: Api) -> dict[str, bytes]:
    """Every object of its bucket, after requests of which some carry what must not be kept."""
    keeping.call("POST", MODEL, json={"instances": [{"petal_width": "Mustermann"}]})
    for number in range(MOST):
        row = {"sepal_length": 5 + number / 1000, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": MARK}
        answered = keeping.call("POST", MODEL, json={"instances": [row, list(row.values())], "note": "Mustermann"})
        assert answered.status_code == 200, answered.text
        keeping.call("POST", LINEAR, json={"instances": [[1, 2, 3]]})
        if number % 50 == 0 and (found := stored(keeping.account, keeping.outputs["CaptureBucket"])):
            return found
    raise AssertionError("nothing was kept")


def stored(account: Account, name: str) -> dict[str, bytes]:
    s3 = account.session.client("s3", **account.options)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", [])]
    return {key: s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys}


def records(found: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for body in found.values() for line in gzip.decompress(body).splitlines()]


def test_what_is_kept_is_what_was_asked_and_answered_without_what_is_redacted(bucket: dict[str, bytes]) -> None:
    kept = records(bucket)
    assert len(kept) >= 10
    assert {record["model"] for record in kept} == {"iris-svm"}
    refused = [record for record in kept if record["status"] != 200]
    assert all(record["code"] == "invalid_input" and "request" not in record for record in refused)
    for record in (record for record in kept if record["status"] == 200):
        named, listed = record["request"]["instances"]
        assert named["petal_width"] == listed[3] == {"redacted": "number"}
        assert named["petal_length"] == listed[2] == 1.4
        assert [each["label"] for each in record["response"]["predictions"]] == ["setosa"] * 2


def test_what_is_redacted_is_in_no_byte_of_the_bucket(bucket: dict[str, bytes]) -> None:
    for key, body in bucket.items():
        for text in (key.encode(), body, gzip.decompress(body)):
            assert b"371828" not in text
            assert b"Mustermann" not in text


def test_objects_are_named_by_model_version_and_hour(bucket: dict[str, bytes]) -> None:
    hour = time.strftime("%Y/%m/%d/", time.gmtime())
    assert all(key.startswith(f"captured/iris-svm/0/{hour}") and key.endswith(".jsonl.gz") for key in bucket)


def test_readers_read_and_neither_operators_nor_strangers_do(
    keeping: Api, bucket: dict[str, bytes], service: Endpoint
) -> None:
    name, key = keeping.outputs["CaptureBucket"], next(iter(bucket))
    reader = user(keeping.account, "capture-reader", keeping.outputs["CaptureReaderPolicyArn"])
    operator = user(keeping.account, "capture-operator", keeping.outputs["OperatorPolicyArn"])
    assert client(service, reader).get_object(Bucket=name, Key=key)["Body"].read() == bucket[key]
    for who in (operator, user(keeping.account, "capture-stranger")):
        with pytest.raises(ClientError, match="AccessDenied"):
            client(service, who).get_object(Bucket=name, Key=key)
    reading = client(service, reader)
    with pytest.raises(ClientError, match="AccessDenied"):
        reading.put_object(Bucket=name, Key=key, Body=b"forged")
    with pytest.raises(ClientError, match="AccessDenied"):
        reading.delete_object(Bucket=name, Key=key)


def test_a_stage_that_does_not_keep_requests_has_nowhere_to_keep_them(api: Api, bucket: dict[str, bytes]) -> None:
    assert bucket
    assert "CaptureBucket" not in api.outputs
    s3 = api.account.session.client("s3", **api.account.options)
    assert api.call("POST", MODEL, json={"instances": [[5.1, 3.5, 1.4, 0.2]]}).status_code == 200
    for each in s3.list_buckets()["Buckets"]:
        if "keeping" not in each["Name"]:
            assert not [key for key in stored_names(s3, each["Name"]) if key.startswith("captured/")]


def test_a_reader_downloads_instances_for_other_verbs(
    keeping: Api, bucket: dict[str, bytes], service: Endpoint
) -> None:
    reader = user(keeping.account, "capture-analyst", keeping.outputs["CaptureReaderPolicyArn"])
    account = Account(service.endpoint_url, service.region, reader)
    deployment = Deployment("keeping", account.session, service.endpoint_url)
    found = list(Reader(deployment).records("iris-svm", 3600))
    assert len(found) == len(records(bucket))
    assert [record["time"] for record in found] == sorted(record["time"] for record in found)


@pytest.mark.slow
def test_without_any_one_statement_of_the_policy_nothing_is_read(
    keeping: Api, bucket: dict[str, bytes], service: Endpoint
) -> None:
    iam: Any = keeping.account.session.client("iam", **keeping.account.options)
    (_, whole), *cases = lesser(keeping, "CaptureReaderPolicyArn")
    who = user(keeping.account, "lesser-reader")
    session = Account(service.endpoint_url, service.region, who).session

    def reads(document: dict[str, Any]) -> bool:
        iam.put_user_policy(UserName="lesser-reader", PolicyName="rest", PolicyDocument=json.dumps(document))
        try:
            found = Reader(Deployment("keeping", session, service.endpoint_url)).records("iris-svm", 3600)
        except (CloudRefused, StoreUnavailable):
            return False
        return len(found) == len(records(bucket))

    assert reads(whole)
    assert len(cases) == len(whole["Statement"])
    assert [statement["Action"] for statement, document in cases if reads(document)] == []


def client(service: Endpoint, who: Credentials) -> Any:
    account = Account(service.endpoint_url, service.region, who)
    return account.session.client("s3", **account.options)


def stored_names(s3: Any, name: str) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", [])]
