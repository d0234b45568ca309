"""Drift, through a deployed service: its metrics, its log, and what the command line makes of that."""

import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from local.aws import Account
from local.endpoint import Credentials
from tests.cloud import Api
from tests.conftest import ROOT
from tests.e2e.test_access import user
from tests.e2e.test_people import lesser
from tests.e2e.test_telemetry import statistic

STABLE, DRIFTED = "credit-risk", "steering-control"
PATIENCE = 20
"""Seconds after which a line of the log is a metric."""


def rows(model: str) -> list[Any]:
    with (ROOT / "model_artifacts" / model / "evaluation.jsonl").open() as lines:
        return [json.loads(line)["instance"] for line in islice(lines, 400)]


def ask(api: Api, model: str, instances: list[Any]) -> str:
    """Ask rows until there is a sketch of them; returns the version that answered."""
    for start in range(0, len(instances), 50):
        answered = api.call("POST", f"/v1/models/{model}:predict", json={"instances": instances[start : start + 50]})
        assert answered.status_code == 200, answered.text
        time.sleep(0.3)  # the watch looks away for a hundred times as long as it took
    return str(answered.headers["x-ortless-model"]).partition("@")[2]


@pytest.fixture(scope="module")
def asked(api: Api) -> tuple[Api, dict[str, str]]:
    """The service after a stable stream to one model, and a drifted one to another."""
    shifted = [[row[0] * 0.2, *row[1:]] for row in rows(DRIFTED)]
    versions = {STABLE: ask(api, STABLE, rows(STABLE)), DRIFTED: ask(api, DRIFTED, shifted)}
    deadline = time.monotonic() + PATIENCE
    while not all(counted(api, model) for model in versions):
        assert time.monotonic() < deadline, "no sketch became a metric"
        time.sleep(0.2)
    return api, versions


def counted(api: Api, model: str) -> float:
    return statistic(api, "PsiMax", "SampleCount", Model=model)


def alarm(api: Api, name: str) -> dict[str, Any]:
    """One of the deployed stage's, as the cloud has it."""
    watch = api.account.session.client("cloudwatch", **api.account.options)
    (found,) = watch.describe_alarms(AlarmNames=[f"ortless-local-{name}"])["MetricAlarms"]
    return dict(found)


def test_a_drifted_stream_is_beyond_the_alarms_threshold_and_a_stable_one_is_not(
    asked: tuple[Api, dict[str, str]],
) -> None:
    api, versions = asked
    drift = alarm(api, "drift")
    assert (drift["MetricName"], drift["Statistic"], drift["Dimensions"]) == ("PsiMax", "Maximum", [])
    assert statistic(api, "PsiMax", "Maximum", Model=DRIFTED) >= drift["Threshold"]
    for name in ("drift", "missing-values", "out-of-range"):
        found = alarm(api, name)
        assert statistic(api, found["MetricName"], found["Statistic"], Model=STABLE) < found["Threshold"], name
    assert statistic(api, "PsiMax", "Maximum", Model=STABLE) <= 0.1
    feature = json.loads((ROOT / "model_artifacts" / DRIFTED / "reference.json").read_text())["features"][0]["name"]
    assert statistic(api, "Psi", "Maximum", Model=DRIFTED, Version=versions[DRIFTED], Feature=feature) > 0.2
    assert statistic(api, "Psi", "Maximum", Model=STABLE, Version=versions[STABLE], Feature="annual_income") <= 0.1
    # What the stage's one alarm stands on: the worst of all models.
    assert statistic(api, "PsiMax", "Maximum") == statistic(api, "PsiMax", "Maximum", Model=DRIFTED)


def run(api: Api, credentials: Credentials, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command line of somebody with these credentials."""
    account = Account(api.account.url, api.account.region, credentials)
    isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull, "ORTLESS_STAGE": "local"}
    command = [sys.executable, "-m", "toolchain", "drift", *arguments]
    environment = os.environ | isolated | account.variables()
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_who_may_see_it_and_nothing_else_reads_it_from_the_log(
    asked: tuple[Api, dict[str, str]], tmp_path: Path
) -> None:
    api, versions = asked
    watcher = user(api.account, "watcher", api.outputs["DriftPolicyArn"])
    told = run(api, watcher, DRIFTED, "--json", "--html", str(tmp_path / "drift.html"))
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["model"], found["version"]) == (DRIFTED, versions[DRIFTED])
    assert found["psi_max"] > 0.2
    assert {each["feature"]: each["verdict"] for each in found["features"]}["lateral_offset"] == "drift"
    assert "drifted" in (tmp_path / "drift.html").read_text()
    assert run(api, watcher, DRIFTED, "--fail-over", "0.2").returncode == 1
    assert run(api, watcher, STABLE, "--fail-over", "0.2").returncode == 0
    nobody = run(api, user(api.account, "no-watcher"), DRIFTED)
    assert (nobody.returncode, nobody.stdout) == (1, "")


def test_a_model_that_was_asked_little_has_no_sketch_and_the_words_say_why(asked: tuple[Api, dict[str, str]]) -> None:
    api, _ = asked
    told = run(api, user(api.account, "asker", api.outputs["DriftPolicyArn"]), "no-such-model")
    assert told.returncode == 1
    assert "error (no_sketches): The log has no sketch of 'no-such-model' of the last 24 hours" in told.stderr


@pytest.mark.slow
def test_without_any_one_statement_of_the_policy_nothing_is_seen(asked: tuple[Api, dict[str, str]]) -> None:
    api, _ = asked
    iam: Any = api.account.session.client("iam", **api.account.options)
    (_, whole), *cases = lesser(api, "DriftPolicyArn")
    watcher = user(api.account, "lesser-watcher")

    def sees(document: dict[str, Any]) -> bool:
        iam.put_user_policy(UserName="lesser-watcher", PolicyName="rest", PolicyDocument=json.dumps(document))
        return run(api, watcher, DRIFTED, "--json").returncode == 0

    assert sees(whole)
    assert len(cases) == len(whole["Statement"])
    assert [statement["Action"] for statement, document in cases if sees(document)] == []
