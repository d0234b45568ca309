"""Every queue, bucket, topic, log group and key of every stage, those included that nobody has thought of yet."""

from typing import Any

from tests.infra.assembly import Assembly
from tests.infra.walk import names, refuses_plain, walked

__all__ = ["walked"]

DAY = 86_400
FOUR_DAYS = 4 * DAY
"""How long SQS keeps a message where a queue says nothing else."""
UNVERSIONED = {
    "BatchBucketsOutput": "results are written once, each under a name of its own",
    "CaptureBucket": "what was kept of requests is written once, and expires",
}
"""Beginnings of the logical ids of buckets that keep one version."""


def dead_letters(assembly: Assembly) -> dict[str, list[str]]:
    """The queues that keep what failed, and the queues and functions that they keep it for."""
    found: dict[str, list[str]] = {}
    for name, queue in assembly.resources("AWS::SQS::Queue").items():
        for dead in names(queue["Properties"].get("RedrivePolicy")):
            found.setdefault(dead, []).append(name)
    for name, function in assembly.resources("AWS::Lambda::Function").items():
        for dead in names(function["Properties"].get("DeadLetterConfig")):
            found.setdefault(dead, []).append(name)
    return found


def test_every_queue_is_encrypted_and_refuses_anything_but_tls(walked: Assembly) -> None:
    queues = walked.resources("AWS::SQS::Queue")
    assert queues
    for name, queue in queues.items():
        properties = queue.get("Properties", {})
        assert properties.get("SqsManagedSseEnabled") is True or properties.get("KmsMasterKeyId"), name
    assert refuses_plain(walked, "AWS::SQS::QueuePolicy", "Queues", "sqs") == set(queues)


def test_every_queue_buries_what_fails_five_times_in_another_that_keeps_it_longer(walked: Assembly) -> None:
    queues, dead = walked.resources("AWS::SQS::Queue"), dead_letters(walked)
    for name, queue in queues.items():
        properties = queue["Properties"]
        kept = properties.get("MessageRetentionPeriod", FOUR_DAYS)
        if name in dead:
            assert kept == 14 * DAY, name
            continue
        redrive = properties["RedrivePolicy"]
        (target,) = names(redrive["deadLetterTargetArn"])
        assert redrive["maxReceiveCount"] >= 5, name
        assert queues[target]["Properties"]["MessageRetentionPeriod"] > kept, name


def test_every_message_stays_hidden_for_six_times_the_time_of_the_function_that_it_is_given(walked: Assembly) -> None:
    queues, functions = walked.resources("AWS::SQS::Queue"), walked.resources("AWS::Lambda::Function")
    aliases = walked.resources("AWS::Lambda::Alias")
    for source in walked.properties("AWS::Lambda::EventSourceMapping"):
        fed = set(names(source["EventSourceArn"])) & queues.keys()
        to = set(names(source["FunctionName"]))
        for alias in to & aliases.keys():
            to |= set(names(aliases[alias]["Properties"]["FunctionName"]))
        (function,) = to & functions.keys()
        for queue in fed:
            hidden = queues[queue]["Properties"].get("VisibilityTimeout", 30)
            assert hidden >= 6 * functions[function]["Properties"]["Timeout"], queue
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_bucket_is_closed_to_the_public_encrypted_and_its_owners(walked: Assembly) -> None:
    buckets = walked.resources("AWS::S3::Bucket")
    assert buckets
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, bucket in buckets.items():
        properties = bucket["Properties"]
        assert properties["PublicAccessBlockConfiguration"] == dict.fromkeys(closed, True), name
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms"), name
        assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, name
    assert refuses_plain(walked, "AWS::S3::BucketPolicy", "Bucket", "s3") == set(buckets)


def test_every_bucket_is_versioned_or_has_a_reason_and_each_reason_a_bucket(walked: Assembly) -> None:
    plain = {
        name
        for name, bucket in walked.resources("AWS::S3::Bucket").items()
        if bucket["Properties"].get("VersioningConfiguration") != {"Status": "Enabled"}
    }
    buckets = walked.resources("AWS::S3::Bucket")
    reasoned = {start for start in UNVERSIONED if any(name.startswith(start) for name in plain)}
    assert [name for name in plain if not name.startswith(tuple(UNVERSIONED))] == []
    assert reasoned == {start for start in UNVERSIONED if any(name.startswith(start) for name in buckets)}


def test_every_bucket_forgets_what_was_left_half_uploaded_and_what_was_replaced(walked: Assembly) -> None:
    for name, bucket in walked.resources("AWS::S3::Bucket").items():
        properties = bucket["Properties"]
        rules = [each for each in properties["LifecycleConfiguration"]["Rules"] if each["Status"] == "Enabled"]
        whole = [each for each in rules if not {"Prefix", "TagFilters", "ObjectSizeLessThan"} & each.keys()]
        assert any(each.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation") for each in whole), name
        if "VersioningConfiguration" in properties:
            assert any(each.get("NoncurrentVersionExpiration") for each in whole), name


def test_every_topic_refuses_anything_but_tls_and_every_service_of_another_account(walked: Assembly) -> None:
    topics = walked.resources("AWS::SNS::Topic")
    assert topics
    assert refuses_plain(walked, "AWS::SNS::TopicPolicy", "Topics", "sns") == set(topics)
    for policy in walked.properties("AWS::SNS::TopicPolicy"):
        allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
        for statement in allowed:
            assert set(statement["Principal"]) == {"Service"}, statement
            assert _of_this_account(statement), statement


def test_every_log_group_is_kept_as_long_as_the_stage_says_and_outlives_the_stack_where_it_says_so(
    walked: Assembly,
) -> None:
    groups = walked.resources("AWS::Logs::LogGroup")
    kept = {group["DeletionPolicy"] for group in groups.values()}
    assert len({group["Properties"]["RetentionInDays"] for group in groups.values()}) == 1
    assert kept in ({"Delete"}, {"Retain"})
    assert {group["UpdateReplacePolicy"] for group in groups.values()} == kept
    buckets = {bucket["DeletionPolicy"] for bucket in walked.resources("AWS::S3::Bucket").values()}
    assert buckets == kept


def test_every_key_is_rotated_and_managed_by_its_account_alone(walked: Assembly) -> None:
    for name, key in walked.resources("AWS::KMS::Key").items():
        assert key["Properties"]["EnableKeyRotation"] is True, name
        for statement in key["Properties"]["KeyPolicy"]["Statement"]:
            principal = statement["Principal"]
            assert principal != "*", name
            if "Service" in principal:
                assert "kms:*" not in statement["Action"], name


def _of_this_account(statement: dict[str, Any]) -> bool:
    tests = [pair for each in statement.get("Condition", {}).values() for pair in each.items()]
    return any(key.lower() in ("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner") for key, _ in tests)
