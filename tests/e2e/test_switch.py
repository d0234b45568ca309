"""The kill switch: callers are refused in the API's own words, files wait, and everything comes back as it was."""

import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest

from local import deployment
from local.aws import Account
from local.endpoint import Credentials
from tests.conftest import ROOT
from tests.e2e.conftest import Api, Variant
from tests.e2e.test_access import MODEL, ROW, user
from toolchain.deployment import Deployment
from toolchain.switch import Switch

RESERVED = 3


class Desk:
    """Someone with the policy for the switch and no other, at the command line."""

    def __init__(self, api: Api, credentials: Credentials) -> None:
        self.api = api
        account = Account(api.account.url, api.account.region, credentials)
        isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull, "ORTLESS_STAGE": "switched"}
        self._environment = os.environ | account.variables() | isolated
        root = api.account.session
        self.functions: Any = root.client("lambda", **api.account.options)
        self.arns = api.outputs["ServingFunctions"].split(",")

    def tell(self, *arguments: str) -> list[dict[str, Any]]:
        """What the verb says of the functions."""
        command = [sys.executable, "-m", "toolchain", *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)["functions"]
        return found

    def reserved(self) -> list[int | None]:
        """Of each serving function: predict, drop, work."""
        found = [self.functions.get_function_concurrency(FunctionName=arn) for arn in self.arns]
        return [each.get("ReservedConcurrentExecutions") for each in found]

    def fed(self) -> list[str]:
        """The states of the event sources of the function that answers dropped files."""
        return [source["State"] for source in self.sources()]

    def sources(self) -> list[dict[str, Any]]:
        """These event sources."""
        every = self.functions.list_event_source_mappings()["EventSourceMappings"]
        return [source for source in every if source["FunctionArn"].startswith(self.arns[1])]

    def answers(self) -> tuple[int, str]:
        """Status and code of a prediction."""
        answered = self.api.predict(MODEL, ROW)
        return answered.status_code, answered.json().get("code", "")


@pytest.fixture(scope="module")
def desk(variant: Variant) -> Desk:
    api = variant("switched", batch_concurrency=2)
    functions: Any = api.account.session.client("lambda", **api.account.options)
    predict = api.outputs["ServingFunctions"].split(",")[0]
    functions.put_function_concurrency(FunctionName=predict, ReservedConcurrentExecutions=RESERVED)
    guard = user(api.account, "guard", api.outputs["SwitchPolicyArn"])
    deployment.allow_unweighed(api.account, "guard")
    return Desk(api, guard)


def test_a_stopped_stage_refuses_in_the_shape_of_every_error_and_a_resumed_one_answers(desk: Desk) -> None:
    assert desk.answers() == (200, "")
    before = desk.reserved()
    assert [row["now"] for row in desk.tell("stop")] == ["stopped"] * 3
    assert desk.answers() == (503, "unavailable")
    assert desk.reserved() == [0, 0, 0]
    assert desk.fed() == ["Disabled"]
    assert [row["now"] for row in desk.tell("resume")] == ["serving"] * 3
    assert (desk.answers(), desk.reserved(), desk.fed()) == ((200, ""), before, ["Enabled"])


def test_stopping_and_resuming_twice_remember_what_there_was_in_the_beginning(desk: Desk) -> None:
    before = desk.reserved()
    for was in ("serving", "stopped"):
        rows = desk.tell("stop")
        assert ({row["was"] for row in rows}, rows[0]["reserved"]) == ({was}, RESERVED)
    for was in ("stopped", "serving"):
        assert {row["was"] for row in desk.tell("resume")} == {was}
    assert (desk.reserved(), desk.fed()) == (before, ["Enabled"])


def test_what_is_half_stopped_is_stopped_or_resumed_as_a_whole(desk: Desk) -> None:
    before = desk.reserved()
    note = {"ortless:stopped": f"reserved={RESERVED} provisioned=0"}
    desk.functions.tag_resource(Resource=desk.arns[0], Tags=note)  # noted, and then nothing was done
    assert desk.answers() == (200, "")
    desk.tell("stop")
    assert desk.answers() == (503, "unavailable")
    desk.functions.put_function_concurrency(FunctionName=desk.arns[0], ReservedConcurrentExecutions=RESERVED)
    desk.tell("resume")  # as one that was interrupted after its first step
    assert (desk.reserved(), desk.answers()) == (before, (200, ""))


def test_a_source_that_somebody_had_switched_off_stays_off(desk: Desk) -> None:
    (source,) = desk.sources()
    desk.functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    desk.tell("stop")
    desk.tell("resume")
    assert desk.fed() == ["Disabled"]
    desk.functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def test_a_file_that_is_dropped_meanwhile_waits_and_is_answered_when_the_stage_is_resumed(desk: Desk) -> None:
    s3: Any = desk.api.account.session.client("s3", **desk.api.account.options)
    desk.tell("stop")
    s3.put_object(Bucket=desk.api.outputs["InputBucket"], Key=f"{MODEL}/waits.jsonl", Body=b"[1, 2, 3]\n")
    time.sleep(2)
    output = desk.api.outputs["OutputBucket"]
    assert s3.list_objects_v2(Bucket=output).get("Contents", []) == []
    desk.tell("resume")
    deadline = time.monotonic() + 20
    while not any("manifest.json" in it["Key"] for it in s3.list_objects_v2(Bucket=output).get("Contents", [])):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_environments_that_are_kept_ready_are_let_go_and_asked_for_again(desk: Desk) -> None:
    live = {"FunctionName": desk.arns[0], "Qualifier": "live"}
    desk.functions.put_provisioned_concurrency_config(**live, ProvisionedConcurrentExecutions=2)
    account = desk.api.account
    switch = Switch(Deployment("switched", account.session, account.url))
    assert [change.before.provisioned for change in switch.stop()] == [2, 0, 0]
    with pytest.raises(desk.functions.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        desk.functions.get_provisioned_concurrency_config(**live)
    switch.resume()
    found = desk.functions.get_provisioned_concurrency_config(**live)
    assert found["RequestedProvisionedConcurrentExecutions"] == 2
    desk.functions.delete_provisioned_concurrency_config(**live)
