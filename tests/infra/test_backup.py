"""For how long the registry can be brought back, what is copied to a second region, and who may restore."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import check
from infra.app import default_context
from infra.setting import InvalidStage
from infra.stages import Stage
from tests.infra.assembly import ROOT, Assembly, run_app, shown
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import May, below, granted

REPLICATED: dict[str, Any] = {
    "backup": {"restorable_days": 90, "replica_bucket": "ortless-copies", "replica_region": "eu-central-1"}
}
PREFIXES = ["packages/", "aliases/", "audit/", "retired/"]
BUCKET, COPY = "<ModelsBucket970C6ADA.Arn>", "arn:<AWS::Partition>:s3:::ortless-copies"


@pytest.fixture
def assembly(synthesized: Synthesized) -> Assembly:
    return synthesized("prod", **REPLICATED)


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    stages = {"prod": default_context()["stages"]["prod"] | REPLICATED}
    folder = tmp_path_factory.mktemp("replica")
    run = run_app(ROOT, folder, {"stage": "prod", "stages": stages}, "infra.beside", "replica")
    assert (run.returncode, run.stderr) == (0, "")
    return Assembly(folder)


def test_what_was_replaced_is_kept_for_as_many_days_as_the_stage_says(assembly: Assembly, replica: Assembly) -> None:
    for template in (assembly, replica):
        rule = template.properties("AWS::S3::Bucket")[0]["LifecycleConfiguration"]["Rules"][0]
        assert (rule["NoncurrentVersionExpiration"], "Prefix" in rule) == ({"NoncurrentDays": 90}, False)


def test_without_a_replica_nothing_is_copied(synthesized: Synthesized) -> None:
    template = synthesized("prod")
    assert "ReplicationConfiguration" not in template.named("AWS::S3::Bucket", "Models")
    assert [name for name in template.resources("AWS::IAM::Role") if "Replication" in name] == []


def test_the_registry_is_copied_with_its_deletions_and_uploads_are_not(assembly: Assembly) -> None:
    copied = assembly.named("AWS::S3::Bucket", "Models")["ReplicationConfiguration"]
    assert [rule["Filter"]["Prefix"] for rule in copied["Rules"]] == PREFIXES
    assert [rule["Priority"] for rule in copied["Rules"]] == [1, 2, 3, 4]
    for rule in copied["Rules"]:
        assert (rule["Status"], rule["DeleteMarkerReplication"]) == ("Enabled", {"Status": "Enabled"})
        assert shown(rule["Destination"]["Bucket"]) == COPY


def test_s3_may_read_the_registry_write_copies_and_nothing_else_and_act_for_this_account_only(
    assembly: Assembly,
) -> None:
    reads = [f"s3:GetObjectVersion{kind}" for kind in ("Acl", "ForReplication", "Tagging")]
    writes = [f"s3:Replicate{kind}" for kind in ("Delete", "Object", "Tags")]
    keys = [f"{prefix}*" for prefix in PREFIXES]
    allowed = granted(assembly, "ModelsReplicationRole")
    assert [(sorted(may.actions), sorted(may.resources)) for may in allowed] == [
        (["s3:GetReplicationConfiguration", "s3:ListBucket"], [BUCKET]),
        (reads, sorted(below(BUCKET, *keys))),
        (writes, sorted(below(COPY, *keys))),
    ]
    trust = assembly.named("AWS::IAM::Role", "ModelsReplicationRole")["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "s3.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_replica_is_private_encrypted_versioned_outlives_its_stack_and_is_in_its_region(replica: Assembly) -> None:
    (resource,) = replica.resources("AWS::S3::Bucket").values()
    bucket = resource["Properties"]
    assert (bucket["BucketName"], resource["DeletionPolicy"]) == ("ortless-copies", "Retain")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert "aws://unknown-account/eu-central-1" in (replica.directory / "manifest.json").read_text()


def test_who_restores_may_do_that_and_remove_nothing_but_marks_of_retired_versions(synthesized: Synthesized) -> None:
    keys = ("packages/*", "aliases/*", "audit/*", "retired/*")
    past = {"StringLikeIfExists": {"s3:prefix": list(keys)}}
    allowed = granted(synthesized("prod"), "RestoreOperator", "AWS::IAM::ManagedPolicy")
    assert {tuple(may.actions): (sorted(may.resources), may.condition) for may in allowed} == {
        ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"): (sorted(below(BUCKET, *keys)), None),
        ("s3:DeleteObject",): (below(BUCKET, "retired/*"), None),
        ("s3:ListBucket",): ([BUCKET], {"StringLikeIfExists": {"s3:prefix": ["aliases/*"]}}),
        ("s3:ListBucketVersions",): ([BUCKET], past),
        ("cloudformation:DescribeStacks",): ([stack("prod")], None),
    }


def test_who_restores_may_read_the_replica_where_there_is_one(assembly: Assembly) -> None:
    *_, lists, reads = granted(assembly, "RestoreOperator", "AWS::IAM::ManagedPolicy")
    assert lists == May(["s3:ListBucketVersions"], [COPY])
    assert reads == May(["s3:GetObjectVersion"], [f"{COPY}/*"])


@pytest.mark.parametrize("given", [{"replica_bucket": "copies"}, {"replica_region": "eu-central-1"}])
def test_a_replica_has_a_name_and_a_region(given: dict[str, str]) -> None:
    with pytest.raises(InvalidStage, match="both or neither of replica_bucket and replica_region"):
        Stage.read("dev", {"dev": {"backup": given}})


@pytest.mark.parametrize(
    "given", [{"replica_bucket": "Copies"}, {"replica_region": "europe"}, {"restorable_days": 0}], ids=str
)
def test_what_aws_would_not_take_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidStage, match=f"stages.dev.backup.{next(iter(given))}"):
        Stage.read("dev", {"dev": {"backup": given}})


def test_a_stage_that_wants_no_replica_gets_none(tmp_path: Path) -> None:
    run = run_app(ROOT, tmp_path, {"stage": "dev"}, "infra.beside", "replica")
    assert run.returncode == 1
    assert "at `stages.dev.backup.replica_bucket` in cdk.json" in run.stderr


def test_before_a_stack_is_deleted_it_is_said_what_stays_and_what_goes() -> None:
    for stage, stays in (("prod", True), ("dev", False)):
        command = [sys.executable, "-m", "infra.remains", stage]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        kept, gone = done.stdout.split("Goes for good")
        assert ("ModelsBucket" in kept, "ModelsBucket" in gone) == (stays, not stays)


def stack(stage: str) -> str:
    return f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/ortless-{stage}/*"


def test_a_stage_that_is_copied_and_shifted_is_clean_as_well(tmp_path: Path) -> None:
    stages = {"prod": default_context()["stages"]["prod"] | REPLICATED | {"traffic_shifting": "canary-10-5m"}}
    assert check.findings({"stage": "prod", "stages": stages}, tmp_path) == []
