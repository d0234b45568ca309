"""Keys at the gateway: whom it lets in before, during and after a rotation, and how often by tier."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local import deployment
from local.aws import Account
from local.endpoint import Credentials
from tests.conftest import ROOT
from tests.e2e.conftest import Api, Variant
from tests.e2e.test_access import PATH, user

TIERS = {"default": {"rate": 500, "burst": 500}, "slow": {"rate": 1, "burst": 5, "quota": 1000, "period": "day"}}


class Desk:
    """Someone with the policy for keys and no other, at the command line."""

    def __init__(self, api: Api, credentials: Credentials) -> None:
        self.api = api
        account = Account(api.account.url, api.account.region, credentials)
        isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull, "ORTLESS_STAGE": "keys"}
        self._environment = os.environ | account.variables() | isolated

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A verb on keys."""
        command = [sys.executable, "-m", "toolchain", "keys", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)

    def tell(self, *arguments: str) -> Any:
        """What a verb that must succeed prints as JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def status(self, value: str) -> int:
        """How the gateway answers a call with a key."""
        return self.api.call("GET", PATH, {"x-api-key": value}).status_code


@pytest.fixture(scope="module")
def desk(variant: Variant) -> Desk:
    api = variant("keys", tiers=TIERS)
    keeper = user(api.account, "keeper", api.outputs["KeyOperatorPolicyArn"])
    deployment.allow_unweighed(api.account, "keeper")
    return Desk(api, keeper)


def test_a_created_key_is_let_in_and_a_revoked_one_gets_a_403_in_the_shape_of_every_error(desk: Desk) -> None:
    value = desk.tell("create", "ann")["value"]
    assert desk.status(value) == 200
    assert [row["state"] for row in desk.tell("revoke", "ann")] == ["revoked"]
    refused = desk.api.call("GET", PATH, {"x-api-key": value})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert desk.tell("revoke", "ann") == []


def test_during_an_overlap_both_keys_are_let_in_and_afterwards_the_new_one_alone(desk: Desk) -> None:
    old = desk.tell("create", "bob")["value"]
    new = desk.tell("rotate", "bob", "--overlap", "2s")["value"]
    assert (desk.status(old), desk.status(new)) == (200, 200)
    states = {row["state"] for row in desk.tell("list") if row["name"] == "bob"}
    assert "works" in states
    time.sleep(2.1)
    assert {row["state"] for row in desk.tell("list") if row["name"] == "bob"} == {"works", "due"}
    assert "ortless keys revoke --due" in desk.run("list").stderr
    assert len(desk.tell("revoke", "--due")) == 1
    assert (desk.status(old), desk.status(new)) == (403, 200)


def test_a_key_is_held_to_its_tier_and_to_no_other(desk: Desk) -> None:
    slow, fast = (
        desk.tell("create", name, "--tier", tier)["value"] for name, tier in (("s", "slow"), ("f", "default"))
    )
    with ThreadPoolExecutor(8) as pool:
        held, free = (list(pool.map(desk.status, [value] * 20)) for value in (slow, fast))
    assert set(held) == {200, 429}
    assert set(free) == {200}


def test_the_key_of_the_stack_is_among_them_and_is_rotated_as_any(desk: Desk) -> None:
    assert desk.api.key
    assert [row["tier"] for row in desk.tell("list") if row["name"] == "stack"] == ["default"]
    new = desk.tell("rotate", "stack", "--overlap", "0d")["value"]
    assert (desk.status(desk.api.key), desk.status(new)) == (403, 200)


def test_a_value_is_on_stdout_once_and_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    made = desk.run("create", "eve")
    value = made.stdout.strip()
    assert desk.status(value) == 200
    assert value not in made.stderr
    again = desk.run("create", "eve")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing was made now" in again.stderr
    listed = desk.run("list", "--all", "--json")
    assert value not in listed.stdout + listed.stderr
    into = desk.run("rotate", "eve", "--to", str(tmp_path / "eve.key"))
    hidden = (tmp_path / "eve.key").read_text().strip()
    assert (into.stdout, hidden in into.stderr, desk.status(hidden)) == ("", False, 200)
    assert value not in desk.run("revoke", "eve").stdout


def test_a_value_goes_below_the_stages_own_names_in_systems_manager_and_nowhere_else(desk: Desk) -> None:
    assert desk.tell("create", "ssm", "--to", "ssm:/ortless/keys/ssm")["value"] is None
    refused = desk.run("create", "tom", "--to", "ssm:/somebody/else")
    assert refused.returncode == 1
    assert "error (cloud_refused): PutParameter" in refused.stderr
    assert "tom" not in {row["name"] for row in desk.tell("list", "--all")}
    assert desk.tell("create", "sec", "--to", "secret:ortless/keys/sec")["value"] is None


def test_who_may_only_publish_may_not_touch_keys(desk: Desk) -> None:
    publisher = Desk(desk.api, user(desk.api.account, "publisher", desk.api.outputs["OperatorPolicyArn"]))
    refused = publisher.run("list")
    assert refused.returncode == 1
    assert "docs/guides/keys.md" in refused.stderr


def test_a_name_or_an_overlap_that_cannot_be_is_refused_before_anything_is_asked(desk: Desk) -> None:
    for arguments in (("create", "a b"), ("rotate", "ann", "--overlap", "soon"), ("revoke",), ("revoke", "a", "--due")):
        assert desk.run(*arguments).returncode == 2
