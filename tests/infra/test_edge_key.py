"""A key of the account's own: everything that keeps something is encrypted with it, and who may use it for what."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.app import default_context
from tests.infra.assembly import ROOT, Assembly, run_app, several, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PRIVATE, PUBLIC

KEY = "CustomerKey844A1305"
ARN = {"Fn::GetAtt": [KEY, "Arn"]}


def bucket_key(bucket: dict[str, Any]) -> object:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    return rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]


KEPT: dict[str, Callable[[dict[str, Any]], object]] = {
    "AWS::S3::Bucket": bucket_key,
    "AWS::SQS::Queue": lambda queue: queue["KmsMasterKeyId"],
    "AWS::SNS::Topic": lambda topic: topic["KmsMasterKeyId"],
    "AWS::Logs::LogGroup": lambda group: group["KmsKeyId"],
    "AWS::Lambda::Function": lambda function: function["KmsKeyArn"],
}
"""Everything that keeps something, and where it says with which key."""
KEYLESS = (
    *("ApiGateway::", "IAM::", "Lambda::", "EC2::", "WAFv2::", "Route53::", "CloudFront::", "CloudWatch::", "CDK::"),
    *("S3::BucketPolicy", "SQS::QueuePolicy", "SNS::TopicPolicy", "SNS::Subscription", "KMS::", "StepFunctions::"),
    *("Budgets::", "CodeDeploy::", "Logs::MetricFilter", "Logs::QueryDefinition"),
)
"""What keeps nothing that anybody asked or was answered."""


@pytest.fixture(params=["public", "private"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized("dev", **(PUBLIC if request.param == "public" else PRIVATE))


def granted(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement about keys of a policy of a role or a person."""
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in assembly.resources(kind).items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if any(action.startswith("kms:") for action in several(statement["Action"])):
                    yield name, statement


def test_everything_that_keeps_something_is_encrypted_with_it(assembly: Assembly) -> None:
    kept = {name: it for name, it in assembly.template["Resources"].items() if it["Type"] in KEPT}
    assert {it["Type"] for it in kept.values()} == set(KEPT)
    assert {name: KEPT[it["Type"]](it.get("Properties", {})) for name, it in kept.items()} == dict.fromkeys(kept, ARN)


def test_of_every_kind_of_resource_it_is_known_whether_it_keeps_something(assembly: Assembly) -> None:
    kinds = {it["Type"] for it in assembly.template["Resources"].values()} - set(KEPT)
    assert [kind for kind in sorted(kinds) if not kind.removeprefix("AWS::").startswith(KEYLESS)] == []


def test_it_is_renewed_each_year_and_known_by_a_name(assembly: Assembly) -> None:
    key = assembly.only("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    assert assembly.only("AWS::KMS::Alias") == {"AliasName": "alias/ortless-dev", "TargetKeyId": ARN}


@pytest.mark.parametrize(("settings", "policy", "days"), [(PUBLIC, "Delete", 7), (PRIVATE, "Retain", 30)])
def test_it_goes_with_the_stack_after_days_or_stays(
    settings: dict[str, Any], policy: str, days: int, synthesized: Synthesized
) -> None:
    assembly = synthesized("dev", **settings)
    key = assembly.resources("AWS::KMS::Key")[KEY]
    assert (key["DeletionPolicy"], key["Properties"]["PendingWindowInDays"]) == (policy, days)


def test_beside_the_accounts_own_policies_only_logs_alarms_and_buckets_may_use_it(assembly: Assembly) -> None:
    account, logs, speakers = assembly.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert shown(account["Principal"]["AWS"]) == "arn:<AWS::Partition>:iam::<AWS::AccountId>:root"
    assert shown(logs["Principal"]["Service"]) == "logs.<AWS::Region>.amazonaws.com"
    groups = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    here = "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group"
    assert [shown(group) for group in groups] == [
        f"{here}:ortless-dev-*",
        f"{here}:API-Gateway-Execution-Logs_*/dev",
        f"{here}:aws-waf-logs-ortless-dev",
    ]
    assert sorted(speakers["Principal"]["Service"]) == ["cloudwatch.amazonaws.com", "s3.amazonaws.com"]
    assert speakers["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert speakers["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_every_log_group_has_a_name_that_the_key_admits(assembly: Assembly) -> None:
    named = [shown(it["LogGroupName"]) for it in assembly.properties("AWS::Logs::LogGroup") if "LogGroupName" in it]
    # CloudFormation begins the others with the stack's own name.
    expected = ["API-Gateway-Execution-Logs_<ApiGatewayED308F4C>/dev", "aws-waf-logs-ortless-dev"]
    assert sorted(named) in (expected, expected[:1])


def test_nobody_uses_it_but_through_a_service_and_for_one_bucket_or_queue(assembly: Assembly) -> None:
    found = list(granted(assembly))
    assert len(found) > 20
    for name, statement in found:
        condition = statement["Condition"]["StringEquals"]
        assert set(several(statement["Action"])) <= {"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}, name
        service = shown(condition["kms:ViaService"]).partition(".")[0]
        context = {key for key in condition if key.startswith("kms:EncryptionContext:")}
        assert context == ({f"kms:EncryptionContext:aws:{service}:arn"} if service != "lambda" else set()), name


def test_who_reads_or_writes_objects_or_messages_may_use_the_key_for_just_those(assembly: Assembly) -> None:
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in assembly.resources(kind).items():
            statements = policy["Properties"]["PolicyDocument"]["Statement"]
            assert used(statements) == needed(statements), name


def needed(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Where a policy reads and writes: a bucket or a queue of this stack, and what of the key that takes."""
    takes = {
        "s3:GetObject": ("kms:Decrypt",),
        "s3:GetObjectVersion": ("kms:Decrypt",),
        "s3:GetObjectVersionForReplication": ("kms:Decrypt",),
        "s3:PutObject": ("kms:Decrypt", "kms:GenerateDataKey"),
        "sqs:ReceiveMessage": ("kms:Decrypt",),
        "sqs:SendMessage": ("kms:Decrypt", "kms:GenerateDataKey"),
    }
    return {
        (shown(resource).partition("/")[0], use)
        for statement in statements
        for action in several(statement["Action"])
        for resource in several(statement["Resource"])
        for use in takes.get(action, ())
        if shown(resource).startswith("<")
    }


def used(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """For which buckets and queues of this stack a policy lets use the key, and how."""
    return {
        (shown(value), action)
        for statement in statements
        if statement["Resource"] == ARN
        for action in several(statement["Action"])
        for key, value in statement["Condition"]["StringEquals"].items()
        if key.startswith("kms:EncryptionContext:")
    }


def test_a_copy_is_decrypted_here_and_encrypted_there_with_the_keys_of_both(synthesized: Synthesized) -> None:
    assembly = synthesized("dev", **PUBLIC)
    copying = assembly.named("AWS::S3::Bucket", "Models")["ReplicationConfiguration"]["Rules"]
    there = "arn:<AWS::Partition>:kms:eu-west-1:<AWS::AccountId>:alias/ortless-example-copies"
    for rule in copying:
        assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        assert shown(rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]) == there
    mine = [statement for name, statement in granted(assembly) if name.startswith("ModelsReplication")]
    assert [several(statement["Action"]) for statement in mine] == [
        ["kms:Decrypt"],
        ["kms:Encrypt", "kms:GenerateDataKey"],
    ]
    abroad = mine[1]
    assert shown(abroad["Resource"]) == "arn:<AWS::Partition>:kms:eu-west-1:<AWS::AccountId>:key/*"
    assert abroad["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/ortless-example-copies"}
    assert shown(abroad["Condition"]["StringEquals"]["kms:ViaService"]) == "s3.eu-west-1.<AWS::URLSuffix>"


def test_the_replica_has_a_key_of_its_own_region_by_the_alias_that_copying_names(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    outdir = tmp_path_factory.mktemp("replica")
    run = run_app(ROOT, outdir, {"stage": "dev", "stages": {"dev": PUBLIC}}, "infra.beside", "replica")
    assert (run.returncode, run.stderr) == (0, "")
    replica = Assembly(outdir)
    assert bucket_key(replica.only("AWS::S3::Bucket")) == ARN
    assert replica.only("AWS::KMS::Alias")["AliasName"] == "alias/ortless-example-copies"
    assert replica.resources("AWS::KMS::Key")[KEY]["DeletionPolicy"] == "Retain"


def test_who_restores_reads_copies_with_the_replicas_key(synthesized: Synthesized) -> None:
    found = [it for name, it in granted(synthesized("dev", **PUBLIC)) if name.startswith("RestoreOperator")]
    abroad = [it for it in found if it["Resource"] != ARN]
    assert [it["Action"] for it in abroad] == ["kms:Decrypt"]
    assert abroad[0]["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/ortless-example-copies"}


@pytest.mark.parametrize("stage", default_context()["stages"])
def test_without_one_nothing_is_encrypted_by_a_paid_key(stage: str, synthesized: Synthesized) -> None:
    assembly = synthesized(stage)
    assert assembly.resources("AWS::KMS::Key") == {}
    assert list(granted(assembly)) == []
