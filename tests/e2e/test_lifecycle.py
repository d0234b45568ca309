"""A version is published, tried, promoted and taken back through the gateway, as an operator does it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.aws import Account
from local.endpoint import Credentials, Endpoint
from tests.admin.submissions import golden
from tests.conftest import ROOT
from tests.core import graphs
from tests.e2e.conftest import Api

NAME = "tide"
TIMEOUT = 60


class Operator:
    """A person with the operator's policy and the command line."""

    def __init__(self, service: Endpoint, api: Api, credentials: Credentials) -> None:
        account = Account(service.endpoint_url, service.region, credentials)
        self._environment = {**os.environ, **account.variables(), "ORTLESS_URL": api.url}
        self.api = api
        self.credentials = credentials

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line."""
        command = [sys.executable, "-m", "toolchain", *arguments]
        return subprocess.run(
            command, env=self._environment, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )

    def tell(self, *arguments: str) -> Any:
        """What a command that must succeed prints as JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A signed call of the admin API."""
        content = b"" if body is None else json.dumps(body).encode()
        keys = (self.credentials.access_key_id, self.credentials.secret_access_key)
        return self.api.signed(method, path, *keys, body=content)


@pytest.fixture(scope="module")
def operator(service: Endpoint, api: Api) -> Operator:
    assert service.operator
    return Operator(service, api, service.operator)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three versions of one model that answer differently, each in a folder of models of its own."""
    roots = [tmp_path_factory.mktemp(f"version-{amount}") for amount in (1, 2, 3)]
    for amount, root in enumerate(roots, 1):
        source = graphs.source(root, NAME, graphs.plus(amount * 100))
        (source / "golden.json").write_bytes(golden(([[0, 0]], [[amount * 100] * 2])))
    return roots


def eventually(holds: Callable[[], bool]) -> None:
    """Functions look at the alias every second here."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def answers(api: Api, session: str = "") -> tuple[Any, str]:
    """What the model answers to zeros, and which version says so."""
    headers = {"x-ortless-session": session} if session else {}
    answered = api.predict(NAME, [0, 0], headers=headers)
    assert answered.status_code == 200, answered.text
    return answered.json()["predictions"][0][0], answered.headers["x-ortless-model"]


def test_a_folder_is_published_validated_and_live(operator: Operator, api: Api, folders: list[Path]) -> None:
    operator.tell("publish", NAME, "--models", str(folders[0]), "--why", "the first")
    state = operator.call("GET", f"/admin/models/{NAME}").json()
    assert (state["alias"]["live"], state["alias"]["generation"]) == (1, 1)
    assert state["versions"][0]["accepted"] is True
    eventually(lambda: api.predict(NAME, [0, 0]).status_code == 200)
    assert answers(api) == (100.0, f"{NAME}@1")
    verdict = operator.call("GET", f"/admin/models/{NAME}/versions/1").json()["verdict"]
    assert [check["ok"] for check in verdict["checks"]] == [True] * len(verdict["checks"])


def test_the_same_content_is_the_same_version(operator: Operator, folders: list[Path]) -> None:
    operator.tell("publish", NAME, "--models", str(folders[0]), "--no-promote")
    assert len(operator.call("GET", f"/admin/models/{NAME}").json()["versions"]) == 1


def test_a_canary_serves_its_share_and_always_the_same_callers(
    operator: Operator, api: Api, folders: list[Path]
) -> None:
    operator.tell("publish", NAME, "--models", str(folders[1]), "--no-promote")
    operator.tell("canary", NAME, "2", "50%")
    sessions = [f"session-{number}" for number in range(40)]
    eventually(lambda: any(answers(api, session)[1] == f"{NAME}@2" for session in sessions))
    time.sleep(1.5)  # until every environment has looked
    first = [answers(api, session) for session in sessions]
    assert first == [answers(api, session) for session in sessions]
    assert {(100.0, f"{NAME}@1"), (200.0, f"{NAME}@2")} == set(first)
    assert 8 <= sum(version == f"{NAME}@2" for _, version in first) <= 32


def test_an_alarm_takes_the_canary_back_and_one_that_is_late_nothing(
    operator: Operator, api: Api, service: Endpoint
) -> None:
    generation = operator.call("GET", f"/admin/models/{NAME}").json()["alias"]["generation"]
    account = Account(service.endpoint_url, service.region)
    cloudwatch = account.session.client("cloudwatch", **account.options)
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"ortless-local-canary-{NAME}-")["MetricAlarms"]
    assert [alarm["AlarmName"].rsplit("-", 2)[1] for alarm in alarms] == [f"g{generation}"] * 2
    sns = account.session.client("sns", **account.options)

    def ring(alarm: dict[str, Any]) -> None:
        message = {"AlarmName": alarm["AlarmName"], "NewStateValue": "ALARM", "NewStateReason": "it errs"}
        sns.publish(TopicArn=alarm["AlarmActions"][0], Message=json.dumps(message))

    ring(alarms[0])
    eventually(lambda: operator.call("GET", f"/admin/models/{NAME}").json()["alias"]["canary"] is None)
    eventually(lambda: answers(api, "session-0")[1] == answers(api, "session-1")[1] == f"{NAME}@1")
    operator.tell("promote", NAME, "2")
    ring(alarms[1])
    time.sleep(2)
    assert operator.call("GET", f"/admin/models/{NAME}").json()["alias"]["live"] == 2


def test_a_rollback_goes_back_and_the_history_says_who(operator: Operator, api: Api) -> None:
    operator.tell("rollback", NAME, "--yes", "--why", "worse")
    eventually(lambda: answers(api) == (100.0, f"{NAME}@1"))
    changes = operator.call("GET", f"/admin/models/{NAME}/history").json()["changes"]
    assert [change["action"] for change in changes] == ["rollback", "promote", "rollback", "canary", "promote"]
    assert changes[0]["why"] == "worse"
    assert "user/" in changes[0]["who"]
    assert changes[2]["who"].startswith("alarm/")


def test_a_package_that_lies_is_refused_with_the_reason_and_leaves_nothing(operator: Operator, tmp_path: Path) -> None:
    source = graphs.source(tmp_path, NAME, graphs.plus(1))
    golden = {"name": "a lie", "request": {"instances": [[0, 0]]}, "response": {"predictions": [[7, 7]]}}
    (source / "golden.json").write_text(json.dumps({"tolerance": 1e-4, "cases": [golden]}))
    before = operator.call("GET", f"/admin/models/{NAME}").json()
    done = operator.run("publish", NAME, "--models", str(tmp_path))
    assert done.returncode == 1
    assert "golden" in done.stderr
    assert operator.call("GET", f"/admin/models/{NAME}").json() == before


def test_nobody_changes_anything_without_a_signature_and_the_permission(api: Api, service: Endpoint) -> None:
    path = f"/admin/models/{NAME}:promote"
    # To the gateway an unsigned call of a signed path is one of a path that there is not.
    assert api.call("POST", path, json={"version": 1}).status_code in (403, 404)
    account = Account(service.endpoint_url, service.region)
    iam = account.session.client("iam", **account.options)
    iam.create_user(UserName="stranger-of-models")
    made = iam.create_access_key(UserName="stranger-of-models")["AccessKey"]
    stranger = Operator(service, api, Credentials(made["AccessKeyId"], made["SecretAccessKey"]))
    assert stranger.call("POST", path, {"version": 1}).status_code == 403
    done = stranger.run("promote", NAME, "1")
    assert done.returncode == 1
    assert "execute-api:Invoke" in done.stderr


def test_bad_input_says_what_and_a_conflict_how_things_are(operator: Operator) -> None:
    refused = operator.call("POST", f"/admin/models/{NAME}:canary", {"version": 2, "weight": 2})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    stale = operator.call("POST", f"/admin/models/{NAME}:promote", {"version": 2, "generation": 1})
    assert (stale.status_code, stale.json()["state"]["live"]) == (409, 1)
    assert operator.call("POST", f"/admin/models/{NAME}:promote", {"version": 99}).status_code == 404


def test_what_nothing_leads_back_to_is_removed_and_nothing_else(operator: Operator, folders: list[Path]) -> None:
    operator.tell("publish", NAME, "--models", str(folders[2]), "--no-promote")
    would = operator.call("POST", "/admin/gc", {"models": [NAME], "keep": 0}).json()
    assert [removal["version"] for removal in would["removed"]] == [3]
    operator.tell("gc", NAME, "--keep", "0", "--apply")
    versions = operator.call("GET", f"/admin/models/{NAME}").json()["versions"]
    assert [version["version"] for version in versions] == [2, 1]
