"""`ortless doctor` in an account that has the stack already, for who may look and for who may not."""

import json
import os
import subprocess
import sys

from local.aws import Account
from tests.conftest import ROOT
from tests.e2e.conftest import Api
from tests.e2e.test_access import user

ROWS = ("credentials", "region", "CDK bootstrap", "concurrency", "memory", "API keys")


def run(account: Account) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code and findings, as somebody at the command line gets them."""
    isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull}
    command = [sys.executable, "-m", "toolchain", "doctor", "--stage", "local", "--json"]
    environment = os.environ | isolated | account.variables()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, {row["check"]: row for row in json.loads(done.stdout)}


def test_an_account_that_has_the_stack_is_in_order(api: Api) -> None:
    status, found = run(api.account)
    assert status == 0, found
    assert {found[row]["status"] for row in ROWS} <= {"ok", "warn"}
    assert found["CDK bootstrap"]["detail"] == "version 30"
    assert found["region"]["detail"] == api.account.region
    assert " reserved here" in found["concurrency"]["detail"]
    assert found["API keys"]["status"] == "ok"


def test_what_somebody_may_not_look_at_is_skipped_with_the_reason(api: Api) -> None:
    nobody = user(api.account, "patient")
    status, found = run(Account(api.account.url, api.account.region, nobody))
    assert status == 0, found
    assert found["credentials"]["status"] == "ok"
    for row in ("concurrency", "API keys"):
        assert (found[row]["status"], "not authorized" in found[row]["detail"]) == ("skipped", True)
