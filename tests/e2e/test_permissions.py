"""Every statement of every role is needed: without it, something that people do fails."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.aws import Account
from local.endpoint import Endpoint
from tests.admin.submissions import golden
from tests.core import graphs
from tests.e2e.batch_desk import Desk
from tests.e2e.batch_life import BatchLife
from tests.e2e.conftest import Api
from tests.e2e.console_life import ConsoleLife
from tests.e2e.jobs_life import JobsLife
from tests.e2e.test_lifecycle import Operator

PATIENCE = 12
"""Seconds after which what should happen does not."""
UNSEEN = ("logs:", "sqs:", "cloudwatch:DeleteAlarms")
"""Actions that the embedded cloud does not weigh, or not by the resource: logs and dead letters it writes by itself."""
UNLIVED = ("BatchLarge",)
"""Roles that no life here is led by: of a state machine, which is not asked for its role."""
NUMBERS = count(1)


class Grant(NamedTuple):
    """A statement of a role's policy."""

    role: str
    policy: str
    place: int
    statement: dict[str, Any]

    @property
    def actions(self) -> list[str]:
        """What it allows."""
        actions = self.statement["Action"]
        return [actions] if isinstance(actions, str) else list(actions)


class Life:
    """Everything that the functions' roles are for, once around."""

    def __init__(self, operator: Operator, folder: Path, account: Account) -> None:
        self._name = ""
        self._operator = operator
        self._folder = folder
        self._sns = account.session.client("sns", **account.options)
        self._cloudwatch = account.session.client("cloudwatch", **account.options)

    def lead(self) -> None:
        """A model's, from its first version on. Raises AssertionError at the first thing that fails."""
        self._name = f"need-{next(NUMBERS)}"
        for _ in range(3):
            self._publish()
        idle, newest, before = (version["version"] for version in self._model()["versions"][:3])
        self._change("promote", version=before)
        self._answers(before)
        self._change("shadow", version=newest)
        self._change("shadow", version=None)
        self._change("canary", version=newest, weight=0.5)
        self._alarm()
        self._post(f"/models/{self._name}/versions/{idle}:retire", {})
        self._get(f"/models/{self._name}/versions/{before}")
        self._get(f"/models/{self._name}/versions/{before}/card")
        assert self._get(f"/models/{self._name}/history")["changes"]
        assert [entry for entry in self._get("/models")["models"] if entry["model"] == self._name]
        removed = self._post("/gc", {"models": [self._name], "keep": 0, "dry_run": False})["removed"]
        assert idle in [entry["version"] for entry in removed]

    def _publish(self) -> None:
        root = self._folder / str(number := next(NUMBERS))
        source = graphs.source(root, self._name, graphs.plus(number))
        (source / "CARD.md").write_text("A card.")
        (source / "golden.json").write_bytes(golden(([[1, 2]], [[1 + number, 2 + number]])))
        done = self._operator.run("publish", self._name, "--models", str(root), "--no-promote", "--wait", str(PATIENCE))
        assert done.returncode == 0, done.stderr

    def _alarm(self) -> None:
        generation = self._model()["alias"]["generation"]
        prefix = f"ortless-local-canary-{self._name}-g{generation}-"
        alarm = self._cloudwatch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"][0]
        message = {"AlarmName": alarm["AlarmName"], "NewStateValue": "ALARM", "NewStateReason": "it errs"}
        self._sns.publish(TopicArn=alarm["AlarmActions"][0], Message=json.dumps(message))
        eventually(lambda: self._model()["alias"]["canary"] is None)
        who = self._get(f"/models/{self._name}/history")["changes"][0]["who"]
        assert who.startswith("alarm/"), who

    def _answers(self, version: int) -> None:
        def holds() -> bool:
            answered = self._operator.api.predict(self._name, [0, 0])
            return str(answered.headers.get("x-ortless-model")) == f"{self._name}@{version}"

        eventually(holds)

    def _change(self, verb: str, **body: Any) -> None:
        self._post(f"/models/{self._name}:{verb}", body)

    def _model(self) -> Any:
        return self._get(f"/models/{self._name}")

    def _get(self, path: str) -> Any:
        return self._checked(self._operator.call("GET", f"/admin{path}"))

    def _post(self, path: str, body: Any) -> Any:
        return self._checked(self._operator.call("POST", f"/admin{path}", body))

    def _checked(self, response: Any) -> Any:
        assert response.status_code < 400, response.text
        return response.json() if "json" in response.headers["content-type"] else response.text


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.2)


def grants(iam: Any) -> Iterator[Grant]:
    """Every statement of the stack's functions."""
    for role in (role for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]):
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            statements = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
            for place, statement in enumerate(statements):
                found = Grant(name, policy, place, statement)
                if found.actions[0].partition(":")[0] != "sts":
                    yield found


@contextmanager
def without(iam: Any, grant: Grant) -> Iterator[None]:
    """The role while it lacks the statement."""
    document = iam.get_role_policy(RoleName=grant.role, PolicyName=grant.policy)["PolicyDocument"]
    rest = [statement for index, statement in enumerate(document["Statement"]) if index != grant.place]

    def put(statements: list[Any]) -> None:
        content = json.dumps({**document, "Statement": statements})
        iam.put_role_policy(RoleName=grant.role, PolicyName=grant.policy, PolicyDocument=content)

    if rest:
        put(rest)
    else:  # IAM knows no policy without a statement
        iam.delete_role_policy(RoleName=grant.role, PolicyName=grant.policy)
    try:
        yield
    finally:
        put(document["Statement"])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_without_any_one_statement_something_fails(service: Endpoint, api: Api, tmp_path: Path) -> None:
    assert service.operator
    account = Account(service.endpoint_url, service.region)
    iam = account.session.client("iam", **account.options)
    operator = Operator(service, api, service.operator)
    models, files = Life(operator, tmp_path, account), BatchLife(Desk(service), operator, tmp_path)
    jobs = JobsLife(service, api, operator, tmp_path)
    console = ConsoleLife(service, api, operator, tmp_path)
    lives: tuple[tuple[str, Life | BatchLife | JobsLife | ConsoleLife], ...] = (
        *(("BatchJobs", jobs), ("Batch", files)),
        *(("Console", console), ("", models)),
    )
    for _, life in lives:
        life.lead()
    needless = []
    ours = [grant for grant in grants(iam) if "ortless" in grant.role]
    ours = [grant for grant in ours if not any(name in grant.role for name in UNLIVED)]
    assert len(ours) >= 24
    for grant in ours:
        if all(action.startswith(UNSEEN) for action in grant.actions):
            continue
        life = next(life for name, life in lives if name in grant.role)
        with without(iam, grant):
            try:
                life.lead()
            except AssertionError:
                continue
            needless.append(f"{grant.role}: {grant.statement['Action']} {grant.statement['Resource']}")
    assert not needless, "\n".join(needless)
    models.lead()
    files.lead()
