"""What nobody may do: buckets, queues, topics and logs of every stage."""

import pytest

from tests.infra.assembly import Assembly
from tests.infra.conftest import Synthesized

BUCKET = {"Fn::GetAtt": ["ModelsBucket970C6ADA", "Arn"]}


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


def test_what_was_replaced_left_half_uploaded_or_uploaded_is_forgotten_and_nothing_else(assembly: Assembly) -> None:
    assert assembly.only("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"] == [
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
    assert len(groups) == 6
    assert all(group["RetentionInDays"] for group in groups)


def test_dead_letters_are_encrypted_and_refuse_anything_but_tls(assembly: Assembly) -> None:
    queues = assembly.resources("AWS::SQS::Queue")
    assert len(queues) == 2
    assert all(queue["Properties"]["SqsManagedSseEnabled"] for queue in queues.values())
    policies = assembly.properties("AWS::SQS::QueuePolicy")
    assert [queue["Ref"] for policy in policies for queue in policy["Queues"]] == list(queues)
    for policy in policies:
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "sqs:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_canaries_alarms_of_this_account_may_speak_to_the_topic_over_tls_and_no_other_service(
    assembly: Assembly,
) -> None:
    stage = assembly.only("AWS::ApiGateway::Stage")["StageName"]
    (topic,) = assembly.resources("AWS::SNS::Topic")
    plain, alarms = assembly.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert {key: alarms[key] for key in ("Effect", "Principal", "Action", "Resource")} == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": topic},
    }
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert alarms["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1][-1] == f":alarm:ortless-{stage}-canary-*"


def test_the_topic_tells_the_function_that_rolls_back(assembly: Assembly) -> None:
    (topic,) = assembly.resources("AWS::SNS::Topic")
    rollback = next(name for name in assembly.resources("AWS::Lambda::Alias") if name.startswith("RollbackLive"))
    subscription = {"Protocol": "lambda", "TopicArn": {"Ref": topic}, "Endpoint": {"Ref": rollback}}
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
