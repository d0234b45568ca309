"""What each role may do, to the last statement, in every stage."""

import json
from typing import Any, NamedTuple

import pytest

from tests.infra.assembly import Assembly
from tests.infra.conftest import Synthesized

BUCKET = "<ModelsBucket970C6ADA.Arn>"


class May(NamedTuple):
    """A statement that allows something, as a person reads it."""

    actions: list[str]
    resources: list[str]
    condition: dict[str, Any] | None = None


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


def log(group: str) -> May:
    return May(["logs:CreateLogStream", "logs:PutLogEvents"], [f"<{group}.Arn>"])


def objects(action: str, *keys: str) -> May:
    return May([f"s3:{action}"], [f"{BUCKET}/{key}" for key in keys])


def names(*prefixes: str, action: str = "s3:ListBucket") -> May:
    return May([action], [BUCKET], {"StringLikeIfExists": {"s3:prefix": list(prefixes)}})


def alarms(assembly: Assembly, *actions: str) -> May:
    account = "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>"
    return May([f"cloudwatch:{action}" for action in actions], [f"{account}:alarm:ortless-{stage(assembly)}-canary-*"])


def test_predict_may_read_models_and_write_its_own_log_and_nothing_else(assembly: Assembly) -> None:
    assert granted(assembly, "PredictRole") == [
        log("PredictLogsBEA51BD8"),
        objects("GetObject", "aliases/*", "packages/*"),
        names("aliases/*"),
    ]


def test_the_validator_may_read_uploads_and_write_packages_but_not_decide_what_serves(assembly: Assembly) -> None:
    assert granted(assembly, "ValidatorRole") == [
        log("ValidatorLogsBE4E045E"),
        May(["sqs:SendMessage"], ["<ValidatorDeadLetters03177497.Arn>"]),
        objects("GetObject", "packages/*", "uploads/*"),
        objects("PutObject", "packages/*", "uploads/*/verdict.json"),
        names("packages/*", "uploads/*"),
    ]


def test_rollback_may_change_aliases_and_take_alarms_away(assembly: Assembly) -> None:
    assert granted(assembly, "RollbackRole") == [
        log("RollbackLogs4F0D16F7"),
        May(["sqs:SendMessage"], ["<RollbackDeadLettersF2F0EA43.Arn>"]),
        objects("GetObject", "aliases/*"),
        objects("PutObject", "aliases/*", "audit/*"),
        alarms(assembly, "DeleteAlarms"),
    ]


def test_admin_may_do_everything_but_write_packages(assembly: Assembly) -> None:
    notes = ("uploads/*/request.json", "uploads/*/started.json")
    assert granted(assembly, "AdminRole") == [
        log("AdminLogs922FEE7F"),
        objects("GetObject", "aliases/*", "audit/*", "packages/*", "retired/*", *notes, "uploads/*/verdict.json"),
        objects("PutObject", "aliases/*", "audit/*", "retired/*", "uploads/*/files/*", *notes),
        objects("DeleteObject", "packages/*"),
        objects("GetObjectVersion", "aliases/*"),
        names("packages/*", "audit/*"),
        names("aliases/*", action="s3:ListBucketVersions"),
        May(["lambda:InvokeFunction"], ["<ValidatorLive614A7520>"]),
        alarms(assembly, "DeleteAlarms", "PutMetricAlarm"),
    ]


def test_an_operator_may_call_every_path_of_this_stage_and_nothing_else(assembly: Assembly) -> None:
    api = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ApiGatewayED308F4C>"
    paths = ("admin", "admin/*", "docs", "docs/*", "openapi.json", "v1/*", "v2", "v2/*")
    assert granted(assembly, "OperatorPolicy", "AWS::IAM::ManagedPolicy") == [
        May(["execute-api:Invoke"], [f"{api}/{stage(assembly)}/*/{path}" for path in paths]),
    ]


def test_nothing_else_has_a_policy_and_none_a_wildcard_for_actions_or_for_everything(assembly: Assembly) -> None:
    roles = ("PredictRole", "ValidatorRole", "RollbackRole", "AdminRole")
    policies = assembly.resources("AWS::IAM::Policy")
    assert sorted(name.partition("DefaultPolicy")[0] for name in policies) == sorted(roles)
    assert len(assembly.resources("AWS::IAM::ManagedPolicy")) == 1
    for statement in (statement for role in roles for statement in granted(assembly, role)):
        assert "*" not in json.dumps(statement.actions)
        assert "*" not in statement.resources


def granted(assembly: Assembly, name: str, kind: str = "AWS::IAM::Policy") -> list[May]:
    """Every statement of a policy; each of them allows something."""
    statements = assembly.named(kind, name)["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return [
        May(
            several(statement["Action"]),
            [shown(one) for one in several(statement["Resource"])],
            statement.get("Condition"),
        )
        for statement in statements
    ]


def stage(assembly: Assembly) -> str:
    """The name of the stage."""
    return str(assembly.only("AWS::ApiGateway::Stage")["StageName"])


def several(value: Any) -> list[Any]:
    """What CloudFormation writes without a list where it is one."""
    return value if isinstance(value, list) else [value]


def shown(value: Any) -> str:
    """An ARN in one line, references in angle brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(shown(part) for part in argument[1])
    return f"<{'.'.join(several(argument))}>"
