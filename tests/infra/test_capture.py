"""Requests are kept where a stage says so: in a bucket that functions only add to and only readers read."""

import pytest

from infra.setting import InvalidStage
from infra.stages import Stage
from tests.infra.assembly import STRICT, shown
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import May, granted

BUCKET = "CaptureBucket"


def test_a_stage_that_does_not_ask_for_it_has_no_bucket_and_tells_no_function_of_one(synthesized: Synthesized) -> None:
    assembly = synthesized("dev")
    assert "apture" not in assembly.text.replace("BatchCapture", "")


def test_what_is_kept_expires_and_has_one_version(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    bucket = assembly.named("AWS::S3::Bucket", BUCKET)
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"], "Prefix" in rule) == ("Enabled", 7, False)
    assert "VersioningConfiguration" not in bucket
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_the_function_that_answers_may_add_to_it_and_no_function_may_read_it(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    (name,) = (key for key in assembly.resources("AWS::S3::Bucket") if key.startswith(BUCKET))
    added = May(["s3:PutObject"], [f"<{name}.Arn>/captured/iris-svm/*"])
    policies = assembly.resources("AWS::IAM::Policy")
    holding = [key for key, policy in policies.items() if name in str(policy)]
    assert sorted(key.partition("RoleDefaultPolicy")[0] for key in holding) == ["Ownirissvm", "Predict"]
    for role in ("PredictRole", "Ownirissvm"):
        assert [may for may in granted(assembly, role) if name in str(may)] == [added]


def test_its_readers_have_a_policy_of_their_own_that_reads_and_nothing_else(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **STRICT)
    reader = assembly.named("AWS::IAM::ManagedPolicy", "CaptureReader")
    actions = [statement["Action"] for statement in reader["PolicyDocument"]["Statement"]]
    assert sorted(actions) == ["cloudformation:DescribeStacks", "s3:GetObject", "s3:ListBucket"]
    assert not {"Users", "Roles", "Groups"} & reader.keys()
    assert assembly.template["Outputs"].keys() >= {"CaptureBucket", "CaptureReaderPolicyArn"}


def test_the_function_is_told_what_to_keep(synthesized: Synthesized) -> None:
    told = synthesized("local", **STRICT).function("Predict")["Environment"]["Variables"]
    assert shown(told["ORTLESS_CAPTURE_BUCKET"]).startswith("<CaptureBucket")
    assert {key: told[f"ORTLESS_CAPTURE_{key}"] for key in ("SHARE", "MODELS", "REDACT", "BYTES")} == {
        "SHARE": "0.01", "MODELS": "iris-svm", "REDACT": "age,address.street", "BYTES": "65536"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "at"),
    [({"share": 1.5}, "share"), ({"redact": ["a,b"]}, "redact"), ({"max_kb": 500}, "max_kb"), ({"shares": 1}, "")],
)
def test_what_makes_no_sense_is_refused_by_name(settings: dict[str, object], at: str) -> None:
    with pytest.raises(InvalidStage, match=rf"stages\.dev\.capture{'.' + at if at else ''}`"):
        Stage.read("dev", {"dev": {"capture": settings}})
