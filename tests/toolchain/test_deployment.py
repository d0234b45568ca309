"""Which account and stack a verb means, and how AWS's refusals read."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import boto3
import pytest

from tests.toolchain.operator import NOBODY
from tests.toolchain.test_cli import ortless
from toolchain.deployment import CloudRefused, Deployment, NoStack, NoStage, find, translated

SIGNED = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}


def keys(**variables: str) -> "CompletedProcess[str]":
    """A verb that needs an account, where nothing of this machine's is found."""
    none = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"), "")
    return ortless("keys", "list", **NOBODY | none | {"AWS_EC2_METADATA_DISABLED": "true"} | variables)


def test_without_a_stage_and_a_local_cloud_none_is_guessed() -> None:
    done = keys()
    assert (done.returncode, done.stdout) == (1, "")
    assert "error (no_stage): Expected a stage - got none" in done.stderr
    assert "ORTLESS_STAGE" in done.stderr


def test_without_credentials_or_a_region_the_missing_one_is_named() -> None:
    assert "error (no_credentials)" in keys(ORTLESS_STAGE="dev").stderr
    done = keys(ORTLESS_STAGE="dev", **SIGNED)
    assert "error (no_region): Expected the region of the stage 'dev' - got none" in done.stderr


def test_the_local_cloud_is_meant_while_it_is_up_unless_another_stage_is_named(tmp_path: Path) -> None:
    operator = {"access_key_id": "a", "secret_access_key": "b"}
    record = {"endpoint_url": "http://127.0.0.1:1", "region": "eu-west-1", "operator": operator, "context": {}}
    (tmp_path / "endpoint.json").write_text(json.dumps(record))
    variables = {"ORTLESS_STATE_DIR": str(tmp_path)}
    for asked in ("", "local"):
        found = find(asked, variables)
        assert (found.stage, found.stack, found.region) == ("local", "ortless-local", "eu-west-1")
    record["context"] = {"stage": "tight"}
    (tmp_path / "endpoint.json").write_text(json.dumps(record))
    assert find("", variables).stage == "tight"
    (tmp_path / "endpoint.json").unlink()
    with pytest.raises(NoStage):
        find("", variables)


def test_a_stack_that_is_not_there_is_named_with_the_region(moto: str) -> None:
    absent = Deployment("absent", boto3.Session("test", "test", region_name="us-east-1"), moto)
    with pytest.raises(NoStack, match=r"^There is no stack ortless-absent in us-east-1\nhint: deploy it"):
        _ = absent.outputs


def test_a_refusal_is_told_with_the_operation_and_a_cloud_that_is_not_there_with_its_address() -> None:
    nowhere = Deployment("x", boto3.Session("test", "test", region_name="us-east-1"), "http://127.0.0.1:1")
    with pytest.raises(CloudRefused, match=r"http://127\.0\.0\.1:1"), translated():
        nowhere.service("sts").get_caller_identity()
