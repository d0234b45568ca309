"""What nobody may do: buckets, roles and logs of every stage."""

import json
import re
from typing import Any

import pytest

from tests.infra.assembly import Assembly
from tests.infra.conftest import Synthesized

BUCKET = {"Fn::GetAtt": ["ModelsBucket970C6ADA", "Arn"]}
ALIASES = {"Fn::Join": ["", [BUCKET, "/aliases/*"]]}
PACKAGES = {"Fn::Join": ["", [BUCKET, "/packages/*"]]}
# The paths of models in the bucket, and the paths of this API in this stage.
LISTED_WILDCARDS = {"/aliases/*", "/packages/*", "/*/*"}


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


def test_buckets_are_private_encrypted_and_versioned(assembly: Assembly) -> None:
    for bucket in assembly.properties("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


def test_buckets_refuse_anything_but_tls(assembly: Assembly) -> None:
    policies = assembly.properties("AWS::S3::BucketPolicy")
    assert [policy["Bucket"]["Ref"] for policy in policies] == list(assembly.resources("AWS::S3::Bucket"))
    for policy in policies:
        assert policy["PolicyDocument"]["Statement"] == [
            {
                "Action": "s3:*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Resource": [BUCKET, {"Fn::Join": ["", [BUCKET, "/*"]]}],
            }
        ]


def test_what_was_replaced_or_left_half_uploaded_is_forgotten(assembly: Assembly) -> None:
    (rule,) = assembly.only("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert "ExpirationInDays" not in rule


def test_every_log_group_has_a_retention(assembly: Assembly) -> None:
    groups = assembly.properties("AWS::Logs::LogGroup")
    assert len(groups) == 3
    assert all(group["RetentionInDays"] for group in groups)


def test_the_predict_function_may_read_models_and_write_its_own_log_and_nothing_else(assembly: Assembly) -> None:
    assert assembly.only("AWS::IAM::Policy")["PolicyDocument"]["Statement"] == [
        {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["PredictLogsBEA51BD8", "Arn"]},
        },
        {"Action": "s3:GetObject", "Effect": "Allow", "Resource": [ALIASES, PACKAGES]},
        {
            "Action": "s3:ListBucket",
            "Condition": {"StringLikeIfExists": {"s3:prefix": ["aliases/*"]}},
            "Effect": "Allow",
            "Resource": BUCKET,
        },
    ]


def test_an_operator_may_publish_models_and_call_this_stage(assembly: Assembly) -> None:
    objects, listing, calls = assembly.only("AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert objects == {
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Effect": "Allow",
        "Resource": [ALIASES, PACKAGES],
    }
    assert listing["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["packages/*", "aliases/*"]}}
    assert (calls["Action"], calls["Resource"]["Fn::Join"][1][-1]) == (
        "execute-api:Invoke",
        f"/{assembly.only('AWS::ApiGateway::Stage')['StageName']}/*/*",
    )


def test_no_role_has_a_wildcard_that_is_not_listed(assembly: Assembly) -> None:
    for statement in granted(assembly):
        assert "*" not in json.dumps(statement["Action"])
        resources = json.dumps(statement["Resource"])
        assert '"*"' not in resources
        stage = assembly.only("AWS::ApiGateway::Stage")["StageName"]
        assert set(re.findall(r'"([^"]*\*[^"]*)"', resources.replace(f"/{stage}/*/*", "/*/*"))) <= LISTED_WILDCARDS


def test_the_only_policy_of_aws_is_the_one_for_the_logs_of_api_gateway(assembly: Assembly) -> None:
    attached = [arn for role in assembly.properties("AWS::IAM::Role") for arn in role.get("ManagedPolicyArns", [])]
    assert [arn["Fn::Join"][1][-1] for arn in attached] == [
        ":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    ]


@pytest.mark.parametrize(("stage", "policy"), [("dev", "Delete"), ("prod", "Retain")])
def test_models_and_logs_outlive_the_stack_where_the_stage_says_so(
    stage: str, policy: str, synthesized: Synthesized
) -> None:
    assembly = synthesized(stage)
    kept = [*assembly.resources("AWS::S3::Bucket").values(), *assembly.resources("AWS::Logs::LogGroup").values()]
    assert {resource["DeletionPolicy"] for resource in kept} == {policy}


def granted(assembly: Assembly) -> list[dict[str, Any]]:
    """Every statement that allows something."""
    policies = [*assembly.properties("AWS::IAM::Policy"), *assembly.properties("AWS::IAM::ManagedPolicy")]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
