"""`ortless smoke` on the service as it is deployed, with a key, with a signature, and with a file."""

import json
import os
import subprocess
import sys

from local.aws import Account
from tests.conftest import ROOT, SAMPLES
from tests.e2e.conftest import Api, Variant
from tests.e2e.test_access import user


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The verb, in an environment that knows nothing of a local cloud."""
    isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull}
    command = [sys.executable, "-m", "toolchain", "smoke", *arguments]
    environment = os.environ | isolated | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_every_model_that_ships_answers_its_golden_requests_and_a_file(api: Api) -> None:
    done = run(api.url, "--jobs", "--json", ORTLESS_API_KEY=api.key or "")
    found = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {name: found[name]["status"] for name in SAMPLES} == dict.fromkeys(SAMPLES, "ok")
    assert found["job"]["status"] == "ok"
    assert found["predictions are guarded"]["detail"] == "403 forbidden"


def test_a_wrong_key_fails_with_what_to_do_and_is_not_repeated(api: Api) -> None:
    done = run(api.url, ORTLESS_API_KEY="not-the-key-of-this-api")
    assert done.returncode == 1
    assert "ORTLESS_API_KEY" in done.stdout
    assert "not-the-key" not in done.stdout + done.stderr


def test_a_stage_that_wants_signatures_is_asked_with_them(variant: Variant) -> None:
    guarded = variant("signed-smoke", auth="iam")
    caller = user(guarded.account, "smoker", guarded.outputs["OperatorPolicyArn"])
    account = Account(guarded.account.url, guarded.account.region, caller)
    only = ("--sign", "--model", "iris-svm", "--json")
    done = run(guarded.url, *only, **account.variables(), ORTLESS_API_KEY="")
    found = {row["check"]: row["status"] for row in json.loads(done.stdout)}
    assert (found["metadata"], found["iris-svm"], found["live"]) == ("ok", "ok", "ok"), done.stdout
