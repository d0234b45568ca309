"""What needs no account, held over every stage of cdk.json and over templates that are wrong in one way each."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.app import default_context
from tests.toolchain.test_cli import ortless
from toolchain.doctor import encryption, images, snapshots, timeouts
from toolchain.doctor.doctor import rules
from toolchain.doctor.images import Image
from toolchain.doctor.template import FUNCTION, NotSynthesized, Template, synthesize

Damage = Callable[[dict[str, dict[str, Any]]], None]


@pytest.fixture(scope="module", params=list(default_context()["stages"]))
def template(request: pytest.FixtureRequest) -> Template:
    return synthesize(request.param)


@pytest.fixture(scope="module")
def prod() -> Template:
    return synthesize("prod")


def named(resources: dict[str, dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The properties of the one resource of a type whose logical id begins so."""
    (found,) = (it["Properties"] for key, it in resources.items() if it["Type"] == kind and key.startswith(name))
    properties: dict[str, Any] = found
    return properties


def damaged(template: Template, damage: Damage) -> Template:
    """A copy of a template with something wrong in it."""
    resources = copy.deepcopy(template.resources)
    damage(resources)
    return template._replace(resources=resources)


def wrong(template: Template) -> dict[str, str]:
    """What fails."""
    return {finding.check: finding.detail for finding in rules(template) if finding.status == "fail"}


def test_no_stage_of_cdk_json_breaks_a_rule(template: Template) -> None:
    found = list(rules(template))
    assert wrong(template) == {}
    assert [finding.check for finding in found] == [
        *("time-outs: gateway", "time-outs: deadlines", "time-outs: queues", "SnapStart", "key policies")
    ]
    assert {finding.status for finding in found[:3]} == {"ok"}


@pytest.mark.parametrize(
    ("check", "damage", "said"),
    [
        (
            "time-outs: gateway",
            lambda it: named(it, FUNCTION, "Predict").update(Timeout=30),
            "PredictFunction.* may take 30 s, API Gateway waits 29 s",
        ),
        (
            "time-outs: deadlines",
            lambda it: named(it, FUNCTION, "Predict")["Environment"]["Variables"].update(ORTLESS_DEADLINE_SECONDS="29"),
            "a run of PredictFunction.* may take 29 s, the function 29 s",
        ),
        (
            "time-outs: queues",
            lambda it: named(it, "AWS::SQS::Queue", "BatchFilesQueue").update(VisibilityTimeout=600),
            r"hides a message for 600 s, 6 x 300 s is 1800",
        ),
        (
            "time-outs: queues",
            lambda it: named(it, "AWS::SQS::Queue", "BatchFilesQueue")["RedrivePolicy"].update(maxReceiveCount=2),
            "tries a message 2 times, fewer than 5",
        ),
        (
            "time-outs: queues",
            lambda it: named(it, "AWS::SQS::Queue", "BatchFilesQueue").pop("RedrivePolicy"),
            "has no queue of dead letters",
        ),
        (
            "time-outs: queues",
            lambda it: named(it, "AWS::SQS::Queue", "BatchFilesDeadLetters").update(MessageRetentionPeriod=60),
            "BatchFilesDeadLetters.* keeps messages for 60 s, no longer than BatchFilesQueue",
        ),
        (
            "SnapStart",
            lambda it: named(it, FUNCTION, "Predict").update(EphemeralStorage={"Size": 1024}),
            "has 1024 MB under /tmp, a snapshot at most 512",
        ),
        (
            "SnapStart",
            lambda it: named(it, FUNCTION, "Predict").update(FileSystemConfigs=[{"Arn": "x"}]),
            "mounts a file system",
        ),
        (
            "SnapStart",
            lambda it: named(it, "AWS::Lambda::Alias", "Predict").update(ProvisionedConcurrencyConfig={"x": 1}),
            "PredictFunction.* has provisioned concurrency",
        ),
    ],
)
def test_what_is_wrong_is_found_and_nothing_else(check: str, damage: Damage, said: str, prod: Template) -> None:
    import re

    found = wrong(damaged(prod, damage))
    assert list(found) == [check]
    assert re.search(said, found[check])


def test_keys_of_kms_lock_nobody_out_and_let_in_who_needs_them() -> None:
    own = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "kms:*"}
    logs = {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "kms:Encrypt"}
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}

    def key(*statements: dict[str, Any], rotated: bool = True) -> Template:
        properties = {"KeyPolicy": {"Statement": list(statements)}, "EnableKeyRotation": rotated}
        return Template({"Key": {"Type": "AWS::KMS::Key", "Properties": properties}, "Logs": group})

    assert encryption.check(key(own, logs)).status == "ok"
    assert encryption.check(key(own)).detail == "Key encrypts Logs, and does not let logs use it"
    assert encryption.check(key(logs)).detail == "Key can be managed by nobody of the account"
    assert encryption.check(key(own, logs, rotated=False)).detail == "Key is never rotated"
    assert encryption.check(Template({})).status == "skipped"


def test_a_template_without_snapshots_is_not_judged_by_them(prod: Template) -> None:
    plain = damaged(prod, lambda it: named(it, FUNCTION, "Predict").pop("SnapStart"))
    assert snapshots.check(plain).status == "skipped"
    assert [finding.status for finding in timeouts.check(plain)] == ["ok"] * 3


@pytest.mark.parametrize(
    ("builder", "text", "image"),
    [
        (
            "docker",
            [{"Architecture": "arm64", "Descriptor": {"mediaType": "application/vnd.oci.image.index.v1+json"}}],
            Image("application/vnd.oci.image.index.v1+json", "arm64"),
        ),
        ("docker", [{"Architecture": "amd64"}], Image("", "amd64")),
        (
            "podman",
            [{"Architecture": "arm64", "ManifestType": "application/vnd.oci.image.manifest.v1+json"}],
            Image("application/vnd.oci.image.manifest.v1+json", "arm64"),
        ),
        (
            "buildah",
            {
                "Manifest": '{"mediaType": "application/vnd.docker.distribution.manifest.v2+json"}',
                "OCIv1": {"architecture": "amd64"},
            },
            Image("application/vnd.docker.distribution.manifest.v2+json", "amd64"),
        ),
    ],
)
def test_builders_say_what_an_image_is_each_in_words_of_its_own(builder: str, text: object, image: Image) -> None:
    assert images.read(builder, json.dumps(text)) == image


def test_an_image_of_a_kind_or_for_a_processor_that_the_functions_have_not_is_found() -> None:
    single, arm = "application/vnd.oci.image.manifest.v1+json", {"linux/arm64"}
    assert images.judge("predict", Image(single, "arm64"), arm).status == "ok"
    index = images.judge("predict", Image("application/vnd.oci.image.index.v1+json", "arm64"), arm)
    assert (index.status, "which Lambda refuses" in index.detail) == ("fail", True)
    other = images.judge("batch", Image(single, "amd64"), arm)
    assert other.detail == "it is for amd64, the functions are for arm64"
    assert other.hint == "ortless image --target batch --architecture arm64"


def test_a_stage_that_is_not_there_is_told_in_the_apps_own_words() -> None:
    with pytest.raises(NotSynthesized, match=r"^Expected the name of a stage \(local, dev, prod\) - got \"staging\""):
        synthesize("staging")
    done = ortless("doctor", "--stage", "staging", "--offline", "--json")
    found = {row["check"]: row["status"] for row in json.loads(done.stdout)}
    assert (done.returncode, found["cdk.json"]) == (1, "fail")


def test_offline_nothing_is_asked_of_an_account_and_each_check_says_so() -> None:
    done = ortless("doctor", "--stage", "local", "--offline", "--json", AWS_CONFIG_FILE="/dev/null")
    found = {row["check"]: (row["status"], row["detail"]) for row in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    unasked = {check for check, finding in found.items() if finding == ("skipped", "not asked: --offline")}
    assert unasked == {"credentials", "region", "CDK bootstrap", "concurrency", "memory", "API keys"}
