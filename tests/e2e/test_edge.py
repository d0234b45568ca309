"""What the embedded cloud has of network and edge: a key of one's own, a name with a base path, a resource policy."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from local import deployment
from local.aws import Account
from local.endpoint import Endpoint
from local.synthesis import Synthesis
from tests.e2e.batch_desk import Desk
from tests.e2e.conftest import Api, Variant

IRIS = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
NAME = "models.example.com"
BUCKETS = ("ModelBucket", "InputBucket", "OutputBucket")


@pytest.fixture(scope="module")
def keyed(variant: Variant) -> Api:
    """The service, everything that it keeps encrypted with a key of its own."""
    api = variant("keyed", customer_key=True)
    s3 = api.account.session.client("s3", **api.account.options)
    rule: Any = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key(api)["Arn"]},
        "BucketKeyEnabled": True,
    }
    # A template's own encryption is let go here: local/differences.py.
    for bucket in BUCKETS:
        s3.put_bucket_encryption(Bucket=api.outputs[bucket], ServerSideEncryptionConfiguration={"Rules": [rule]})
    return api


def key(api: Api) -> Any:
    """The key, as KMS knows it."""
    return api.account.session.client("kms", **api.account.options).describe_key(KeyId="alias/ortless-keyed")[
        "KeyMetadata"
    ]


@pytest.fixture(scope="module")
def named(service: Endpoint) -> tuple[Endpoint, Account, dict[str, str]]:
    """The service below a base path of a name of its own."""
    stage = {
        "packaging": "working-tree",
        "log_retention_days": 1,
        "removal": "destroy",
        "domain": {"name": NAME, "certificate": CERTIFICATE, "base_path": "ml"},
        "monitoring": {"page": False},
    }
    account = Account(service.endpoint_url)
    _, outputs = deployment.deploy(Synthesis().run({"stage": "named", "stages": {"named": stage}}), account)
    return service, account, outputs


def test_a_prediction_is_answered_where_everything_has_the_accounts_key(keyed: Api) -> None:
    answer = keyed.predict("iris-svm", IRIS)
    assert (answer.status_code, answer.json()["predictions"][0]["label"]) == (200, "setosa")


def test_a_file_is_answered_through_buckets_queues_and_topics_that_have_it(keyed: Api, service: Endpoint) -> None:
    operator = deployment.operator(keyed.outputs, keyed.account, "keyed")
    desk = Desk(replace(service, outputs=keyed.outputs, operator=operator))
    manifest = desk.end(desk.drop("iris-svm/rows.jsonl", json.dumps(IRIS).encode()))
    assert (manifest["answered"], manifest["errors"]) == (1, 0)
    assert [row["prediction"]["label"] for row in desk.answered(manifest)] == ["setosa"]


def test_what_it_keeps_is_encrypted_with_the_key_that_is_renewed(keyed: Api) -> None:
    session, options, arn = keyed.account.session, keyed.account.options, key(keyed)["Arn"]
    assert session.client("kms", **options).get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is True
    s3, sqs = session.client("s3", **options), session.client("sqs", **options)
    found = s3.list_objects_v2(Bucket=keyed.outputs["OutputBucket"])["Contents"]
    assert found
    for each in found:
        kept = s3.head_object(Bucket=keyed.outputs["OutputBucket"], Key=each["Key"])
        assert (kept["ServerSideEncryption"], kept["SSEKMSKeyId"]) == ("aws:kms", arn)
    for queue in (keyed.outputs["JobQueueUrl"], keyed.outputs["DeadLettersUrl"]):
        named = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["KmsMasterKeyId"])["Attributes"]
        assert named == {"KmsMasterKeyId": arn}
    pages = session.client("logs", **options).get_paginator("describe_log_groups").paginate()
    locked = [group["kmsKeyId"] for page in pages for group in page["logGroups"] if "kmsKeyId" in group]
    assert (len(locked) > 5, set(locked)) == (True, {arn})


def test_every_part_of_the_api_answers_below_the_base_path(named: tuple[Endpoint, Account, dict[str, str]]) -> None:
    service, account, outputs = named
    assert outputs["ApiUrl"] == f"https://{NAME}/ml"
    key = deployment.api_key(outputs, account) or ""

    def ask(method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"host": NAME, "x-api-key": key}
        return httpx.request(method, f"{service.endpoint_url}/ml{path}", headers=headers, timeout=30, **request)

    assert ask("POST", "/v1/models/iris-svm:predict", json={"instances": [IRIS]}).status_code == 200
    assert "iris-svm" in ask("GET", "/openapi.json").text
    assert ask("GET", "/v1/jobs").status_code == 200
    assert ask("GET", "/console/api/models").status_code == 200
    assert ask("GET", "/console").status_code == 200
    unsigned = ask("GET", "/admin/models")
    assert (unsigned.status_code, unsigned.json()["code"]) == (404, "not_found")


def test_an_api_refuses_networks_that_the_stage_does_not_name(variant: Variant) -> None:
    office = variant("office", allowed={"cidrs": ["203.0.113.0/24"]})
    for refused in (office.predict("iris-svm", IRIS), office.call("GET", "/v2/health/live")):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_here_a_policy_on_addresses_refuses_everybody(variant: Variant) -> None:
    here = variant("here", allowed={"cidrs": ["127.0.0.0/8"]})
    assert here.predict("iris-svm", IRIS).status_code == 403
