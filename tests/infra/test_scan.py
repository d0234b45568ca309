"""checkov: what it finds is seen, what is justified stands, and a reason that nothing needs does not."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.scan import ENVIRONMENT, LOCK, Finding, reasons, scan, standing

QUEUE = Finding("CKV_AWS_27", "Ensure all data stored in the SQS queue is encrypted", "AWS::SQS::Queue.Files1")


def written(folder: Path, resources: dict[str, Any]) -> Path:
    template = folder / "one.template.json"
    template.write_text(json.dumps({"Resources": resources}))
    return template


def test_what_is_wrong_with_a_template_is_found(tmp_path: Path) -> None:
    public = {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}}
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [anything]}
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "all", "PolicyDocument": document}}
    found = scan([written(tmp_path, {"Open": public, "Mighty": policy})])
    seen = {(each.check, each.resource) for each in found}
    assert {("CKV_AWS_20", "AWS::S3::Bucket.Open"), ("CKV_AWS_63", "AWS::IAM::Policy.Mighty")} <= seen
    assert all(each.words for each in found)


def test_a_template_that_cannot_be_read_is_no_clean_template(tmp_path: Path) -> None:
    template = tmp_path / "broken.template.json"
    template.write_text('{"Resources": {"A": {"Type": "AWS::SQS::Queue"')
    with pytest.raises(RuntimeError, match=r"^checkov "):
        scan([template])


def test_a_finding_without_a_reason_is_left_to_mend() -> None:
    assert list(standing([QUEUE], {"CKV_AWS_27": {"AWS::SQS::Queue.Other*": "why"}, "CKV_AWS_1": {}})) == [
        f"CKV_AWS_27 AWS::SQS::Queue.Files1: {QUEUE.words}",
        "justified.toml: nothing is found by CKV_AWS_27 on AWS::SQS::Queue.Other* any more: take the line away",
    ]


def test_a_finding_with_a_reason_stands() -> None:
    assert list(standing([QUEUE], {"CKV_AWS_27": {"AWS::SQS::Queue.Files*": "why"}})) == []


def test_every_reason_is_in_words_and_for_resources_of_one_type() -> None:
    given = reasons()
    assert given
    for check, patterns in given.items():
        assert check.startswith("CKV")
        assert patterns
        for pattern, why in patterns.items():
            assert pattern.startswith("AWS::")
            assert pattern.partition(".")[2], pattern
            assert len(why.split()) > 4, why


def test_checkov_runs_in_an_environment_of_its_own(tmp_path: Path) -> None:
    scan([written(tmp_path, {"Queue": {"Type": "AWS::SQS::Queue"}})])
    python = str(ENVIRONMENT / "bin" / "python")
    command = [python, "-c", "import importlib.metadata as m; print(m.version('checkov'))"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert f"checkov=={version} " in LOCK.read_text()
