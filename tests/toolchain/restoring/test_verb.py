"""What the command line says of a restoration: what would change, what changed, and what cannot."""

import json
import os
from functools import partial
from subprocess import CompletedProcess

import pytest

from functions.admin import transitions
from tests.conftest import BUCKET
from tests.toolchain.restoring.conftest import Desk
from tests.toolchain.test_cli import ortless

TEMPLATE = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"ModelBucket": {"Value": BUCKET}},
}


@pytest.fixture(scope="module")
def variables(moto: str) -> dict[str, str]:
    """A stack whose registry is the bucket of the tests, and who asks for it."""
    return {
        "AWS_ENDPOINT_URL": moto,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "ORTLESS_STATE_DIR": os.devnull,
        "ORTLESS_STAGE": "verbs",
    }


@pytest.fixture
def stack(desk: Desk) -> Desk:
    cloud = desk.deployment.service("cloudformation")
    if not any(each["StackName"] == "ortless-verbs" for each in cloud.describe_stacks()["Stacks"]):
        cloud.create_stack(StackName="ortless-verbs", TemplateBody=json.dumps(TEMPLATE))
    return desk


def restore(variables: dict[str, str], *arguments: str) -> "CompletedProcess[str]":
    return ortless("restore", *arguments, **variables)


def test_a_rehearsal_is_a_table_with_what_a_person_has_to_know(stack: Desk, variables: dict[str, str]) -> None:
    digest = stack.digest(3)
    stack.change(partial(transitions.canary, version=3, digest=digest, weight=0.1))
    moment = stack.moment()
    stack.promote(3)
    stack.delete("packages/plus/1/")
    told = restore(variables, "--to", moment.isoformat(), "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "3 -> 2" in told.stdout
    assert "plus: a canary ran then. To begin it again: ortless canary plus 3 10%" in told.stderr
    assert "Nothing was changed." in told.stderr
    assert stack.alias.live == 3


def test_a_time_is_utc_without_an_offset_and_a_second_run_says_that_all_is_well(
    stack: Desk, variables: dict[str, str]
) -> None:
    moment = stack.moment()
    stack.promote(3)
    naive = moment.replace(tzinfo=None).isoformat()
    done = restore(variables, "--to", naive, "--why", "ticket 4711", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    (model,) = json.loads(done.stdout)["models"]
    assert (model["before"]["live"], model["after"]["live"]) == (3, 2)
    change = stack.alias.change
    assert change
    assert change.why == f"restored to {moment.isoformat()}: ticket 4711"
    again = restore(variables, "--to", naive, "--yes")
    assert f"Everything is what it was at {moment.isoformat()}." in again.stderr


def test_what_is_gone_is_a_list_with_a_hint_and_exit_1(stack: Desk, variables: dict[str, str]) -> None:
    moment = stack.moment()
    stack.promote(3)
    stack.delete("packages/plus/2/")
    stack.forget("packages/plus/2/")
    refused = restore(variables, "--to", moment.isoformat(), "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "error (versions_gone)" in refused.stderr
    assert "\n  packages/plus/2/manifest.json\nhint: " in refused.stderr


@pytest.mark.parametrize("time", ["yesterday", "2999-01-01T00:00:00Z", "13:00"])
def test_what_is_no_time_of_the_past_is_wrong_usage(time: str, variables: dict[str, str]) -> None:
    refused = restore(variables, "--to", time)
    assert refused.returncode == 2
    assert "expected a time" in refused.stderr
