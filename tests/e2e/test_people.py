"""Every statement of the policies for people is needed: without it, something fails that they are for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from local import deployment
from local.aws import Account
from tests.conftest import ROOT
from tests.e2e.conftest import Api, Variant
from tests.e2e.test_access import user

NUMBERS = count(1)
UNWEIGHED = ("apigateway:PUT", "/ortless:stage", "ProvisionedConcurrencyConfig", "lambda:UpdateEventSourceMapping")
"""Of statements that the embedded cloud does not weigh, or not by what they name."""
KEYS = (
    ("keys", "create", "one"),
    ("keys", "rotate", "one", "--overlap", "0d"),
    ("keys", "create", "two", "--to", "ssm:/ortless/people/two"),
    ("keys", "create", "three", "--to", "secret:ortless/people/three"),
    ("keys", "rotate", "three", "--to", "secret:ortless/people/three"),
    ("keys", "list"),
)
SWITCH = (("stop", "--yes"), ("resume",))


@pytest.fixture(scope="module")
def people(variant: Variant) -> Api:
    return variant("people", batch_concurrency=2)


def lead(api: Api, document: dict[str, Any], verbs: tuple[tuple[str, ...], ...]) -> str:
    """What goes wrong first for someone with that policy; nothing if all goes well. Leaves no key behind."""
    iam: Any = api.account.session.client("iam", **api.account.options)
    name = f"person-{next(NUMBERS)}"
    account = Account(api.account.url, api.account.region, user(api.account, name))
    iam.put_user_policy(UserName=name, PolicyName="theirs", PolicyDocument=json.dumps(document))
    deployment.allow_unweighed(api.account, name)
    wrong = next(filter(None, (run(account, *verb) for verb in verbs)), "")
    for each in ("one", "two", "three") if verbs is KEYS else ():
        run(api.account, "keys", "revoke", each)
    return wrong


def run(account: Account, *arguments: str) -> str:
    """What a verb complains of."""
    isolated = {"AWS_CONFIG_FILE": os.devnull, "ORTLESS_STATE_DIR": os.devnull, "ORTLESS_STAGE": "people"}
    command = [sys.executable, "-m", "toolchain", *arguments]
    environment = os.environ | isolated | account.variables()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def lesser(api: Api, output: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each statement of a policy, and the policy without it; those that nobody weighs are left out."""
    iam: Any = api.account.session.client("iam", **api.account.options)
    arn = api.outputs[output]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    yield {}, document
    for statement in document["Statement"]:
        if not any(each in json.dumps(statement) for each in UNWEIGHED):
            rest = [each for each in document["Statement"] if each is not statement]
            yield statement, {**document, "Statement": rest}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("output", "verbs", "weighed"), [("KeyOperatorPolicyArn", KEYS, 5), ("SwitchPolicyArn", SWITCH, 2)]
)
def test_without_any_one_statement_something_fails(
    people: Api, output: str, verbs: tuple[tuple[str, ...], ...], weighed: int
) -> None:
    (_, whole), *cases = lesser(people, output)
    assert lead(people, whole, verbs) == ""
    assert len(cases) >= weighed
    needless = [statement for statement, document in cases if not lead(people, document, verbs)]
    assert needless == []
    assert lead(people, whole, verbs) == ""
