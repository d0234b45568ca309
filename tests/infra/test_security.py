"""What nobody may do: buckets, queues, topics and logs of every stage."""

import pytest

from tests.infra.assembly import Assembly
from tests.infra.conftest import Synthesized

TOPIC = "CanaryAlarmsTopicA101EE17"
UNVERSIONED = "BatchBucketsOutput"
"""Results are written once, each under a name of its own."""


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


def test_buckets_are_private_encrypted_and_versioned(assembly: Assembly) -> None:
    buckets = assembly.resources("AWS::S3::Bucket")
    assert len(buckets) == 3
    for name, resource in buckets.items():
        bucket = resource["Properties"]
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        versioned = None if name.startswith(UNVERSIONED) else {"Status": "Enabled"}
        assert bucket.get("VersioningConfiguration") == versioned


def test_buckets_refuse_anything_but_tls(assembly: Assembly) -> None:
    policies = assembly.properties("AWS::S3::BucketPolicy")
    assert [policy["Bucket"]["Ref"] for policy in policies] == list(assembly.resources("AWS::S3::Bucket"))
    for policy in policies:
        bucket = {"Fn::GetAtt": [policy["Bucket"]["Ref"], "Arn"]}
        assert policy["PolicyDocument"]["Statement"] == [
            {
                "Action": "s3:*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Resource": [bucket, {"Fn::Join": ["", [bucket, "/*"]]}],
            }
        ]


def test_what_was_replaced_left_half_uploaded_or_uploaded_is_forgotten_and_nothing_else(assembly: Assembly) -> None:
    assert assembly.named("AWS::S3::Bucket", "Models")["LifecycleConfiguration"]["Rules"] == [
        {
            "Id": "forget-what-was-replaced",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "ExpiredObjectDeleteMarker": True,
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "Id": "forget-uploads",
            "Status": "Enabled",
            "Prefix": "uploads/",
            "ExpirationInDays": 2,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
    ]


def test_every_log_group_has_a_retention(assembly: Assembly) -> None:
    groups = assembly.properties("AWS::Logs::LogGroup")
    assert len(groups) == 11
    assert all(group["RetentionInDays"] for group in groups)


def test_queues_are_encrypted_and_refuse_anything_but_tls(assembly: Assembly) -> None:
    queues = assembly.resources("AWS::SQS::Queue")
    assert len(queues) == 4
    assert all(queue["Properties"]["SqsManagedSseEnabled"] for queue in queues.values())
    policies = assembly.properties("AWS::SQS::QueuePolicy")
    assert {queue["Ref"] for policy in policies for queue in policy["Queues"]} == set(queues)
    for policy in policies:
        statement = policy["PolicyDocument"]["Statement"][0]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "sqs:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_canaries_alarms_of_this_account_may_speak_to_the_topic_over_tls_and_no_other_service(
    assembly: Assembly,
) -> None:
    stage = assembly.only("AWS::ApiGateway::Stage")["StageName"]
    plain, alarms = assembly.named("AWS::SNS::TopicPolicy", "CanaryAlarms")["PolicyDocument"]["Statement"]
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert {key: alarms[key] for key in ("Effect", "Principal", "Action", "Resource")} == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": TOPIC},
    }
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert alarms["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1][-1] == f":alarm:ortless-{stage}-canary-*"


def test_the_topic_tells_the_function_that_rolls_back(assembly: Assembly) -> None:
    rollback = next(name for name in assembly.resources("AWS::Lambda::Alias") if name.startswith("RollbackLive"))
    subscription = {"Protocol": "lambda", "TopicArn": {"Ref": TOPIC}, "Endpoint": {"Ref": rollback}}
    assert assembly.only("AWS::SNS::Subscription") == subscription


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
