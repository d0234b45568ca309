"""What each role may do, to the last statement, in every stage."""

import json
import re
from typing import Any, NamedTuple

import pytest

from tests.infra.assembly import Assembly, several, shown
from tests.infra.conftest import Synthesized

BUCKET = "<ModelsBucket970C6ADA.Arn>"
INPUT, OUTPUT = "<BatchBucketsInput2E36A8A3.Arn>", "<BatchBucketsOutput2310AE23.Arn>"
QUEUE, DEAD = "<BatchFilesQueue56C363FF.Arn>", "<BatchFilesDeadLetters7C578253.Arn>"
MACHINE = "<BatchLargeMachine19C96D45>"
ROLES = (
    *("PredictRole", "ValidatorRole", "RollbackRole", "AdminRole"),
    *("BatchDropRole", "BatchWorkRole", "BatchLargeRole", "BatchJobsRole", "ConsolePageRole", "ConsoleUsage"),
)
SHIFTING = "ShiftingRole"
"""Where a stage gives what is deployed to its callers in steps."""
FOR_ALL = (["BatchLargeRole"], ["ConsolePageRole"], [SHIFTING])
"""Roles with a statement for which AWS knows no resource."""


class May(NamedTuple):
    """A statement that allows something, as a person reads it."""

    actions: list[str]
    resources: list[str]
    condition: dict[str, Any] | None = None


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


SEGMENTS = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
MACHINE_ROLE = "BatchLargeRole"
"""The role of a state machine, whose right to send traces is looked at with its others; that of functions is not."""


def log(group: str) -> May:
    return May(["logs:CreateLogStream", "logs:PutLogEvents"], [f"<{group}.Arn>"])


def objects(action: str, *keys: str) -> May:
    return May([f"s3:{action}"], [f"{BUCKET}/{key}" for key in keys])


def names(*prefixes: str, action: str = "s3:ListBucket", bucket: str = BUCKET) -> May:
    return May([action], [bucket], {"StringLikeIfExists": {"s3:prefix": list(prefixes)}})


def below(bucket: str, *keys: str) -> list[str]:
    return [f"{bucket}/{key}" for key in keys]


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


def test_an_operator_may_call_every_path_of_this_stage_drop_files_and_read_results(
    assembly: Assembly,
) -> None:
    api = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ApiGatewayED308F4C>"
    paths = ("", "admin", "admin/*", "console", "console/*", "docs", "docs/*", "openapi.json", "v1/*", "v2", "v2/*")
    assert granted(assembly, "OperatorPolicy", "AWS::IAM::ManagedPolicy") == [
        May(["execute-api:Invoke"], [f"{api}/{stage(assembly)}/*/{path}" for path in paths]),
        May(["s3:PutObject"], [f"{INPUT}/*"]),
        May(["s3:GetObject"], [f"{OUTPUT}/*"]),
        names("*", bucket=OUTPUT),
    ]


READ = ("cancelled.json", "claim.json", "errors-*", "failed.json", "manifest.json", "part-*", "plan.json")
WRITTEN = ("errors-*", "failed.json", "manifest.json", "part-*", "plan.json")
MODELS = below(BUCKET, "aliases/*", "packages/*")


def test_drop_may_read_files_and_models_claim_jobs_and_start_the_machine(assembly: Assembly) -> None:
    consumed = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ReceiveMessage")
    unplanned = [name for name in READ if name != "plan.json"]
    read = below(OUTPUT, *(f"*/{name}" for name in (*unplanned, "tally-*.json")), "drops/*", "recent/*")
    written = ("claim.json", *WRITTEN[:-1], "tally-*.json")
    assert granted(assembly, "BatchDropRole") == [
        log("BatchDropLogsB70582E2"),
        May([f"sqs:{action}" for action in consumed], [QUEUE]),
        May(["s3:GetObject"], [*below(INPUT, "*"), *read, *MODELS]),
        names("aliases/*"),
        May(["s3:GetObjectVersion"], below(INPUT, "*")),
        May(["s3:ListBucket"], [INPUT, OUTPUT], {"StringLikeIfExists": {"s3:prefix": ["*"]}}),
        May(["s3:PutObject"], below(OUTPUT, *(f"*/{name}" for name in written), "drops/*", "recent/*")),
        May(["states:StartExecution"], [MACHINE]),
    ]


def test_work_may_read_files_and_models_and_write_what_becomes_of_a_claimed_job(assembly: Assembly) -> None:
    more = ("staged-*", "tally-*.json", "todo-*.json")
    assert granted(assembly, "BatchWorkRole") == [
        log("BatchWorkLogs4CFF26FD"),
        May(["s3:GetObject"], [*below(INPUT, "*"), *below(OUTPUT, *(f"*/{name}" for name in (*READ, *more))), *MODELS]),
        names("aliases/*"),
        May(["s3:GetObjectVersion"], below(INPUT, "*")),
        May(["s3:ListBucket"], [INPUT, OUTPUT], {"StringLikeIfExists": {"s3:prefix": ["*"]}}),
        May(["s3:PutObject"], below(OUTPUT, *(f"*/{name}" for name in (*WRITTEN, *more)))),
    ]


def test_the_machine_may_call_work_read_plans_and_run_itself(assembly: Assembly) -> None:
    account, name = "states:<AWS::Region>:<AWS::AccountId>", f"ortless-{stage(assembly)}-jobs"
    states = f"arn:<AWS::Partition>:{account}"
    *mine, for_any = granted(assembly, "BatchLargeRole")
    assert mine == [
        May(["lambda:InvokeFunction"], ["<BatchWorkLiveC6199121>"]),
        May(["s3:GetObject"], below(OUTPUT, "*/todo-*.json")),
        May(["states:StartExecution"], [f"{states}:stateMachine:{name}"]),
        May(
            ["states:DescribeExecution", "states:StopExecution"],
            [f"{states}:execution:{name}/Pieces:*", f"{states}:execution:{name}:*"],
        ),
    ]
    # AWS takes no resource for these: logs and traces are set up by them.
    assert for_any.resources == ["*"]
    assert all("LogDeliver" in it or it.startswith(("xray:", "logs:Describe", "logs:PutRes")) for it in for_any.actions)


def test_jobs_may_say_how_a_job_fares_take_uploads_cancel_and_redrive_but_answer_no_row(assembly: Assembly) -> None:
    read = (*(f"*/{name}" for name in (*READ, "tally-*.json")), "recent/*", "tenants/*")
    arn = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution"
    assert granted(assembly, "BatchJobsRole") == [
        log("BatchJobsLogs3F6E8F76"),
        May(["s3:GetObject"], [*below(OUTPUT, *read), *MODELS]),
        names("aliases/*"),
        May(["s3:PutObject"], [*below(INPUT, "*/jobs/*"), *below(OUTPUT, "*/cancelled.json", "recent/*", "tenants/*")]),
        names("*", bucket=OUTPUT),
        May(["states:ListExecutions", "states:StartExecution"], [MACHINE]),
        May(["states:StopExecution"], [f"{arn}:ortless-{stage(assembly)}-jobs:*"]),
        May(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], [DEAD]),
        May(["sqs:GetQueueAttributes", "sqs:SendMessage"], [QUEUE]),
    ]


def test_the_console_may_see_what_there_is_and_was_changed_and_read_metrics_but_no_model(assembly: Assembly) -> None:
    papers = (f"packages/*/{name}.json" for name in ("manifest", "report", "verdict"))
    assert granted(assembly, "ConsolePageRole") == [
        log("ConsolePageLogs80FFE599"),
        objects("GetObject", "aliases/*", "audit/*", *papers),
        names("packages/*", "audit/*", "retired/*"),
        May(["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], ["*"]),
    ]


def test_the_console_may_find_the_plan_of_its_callers_and_read_what_of_it_is_used(assembly: Assembly) -> None:
    plans = "arn:<AWS::Partition>:apigateway:<AWS::Region>::/usageplans"
    usage = [f"{plans}/<{plan}>/usage" for plan in assembly.resources("AWS::ApiGateway::UsagePlan")]
    assert granted(assembly, "ConsoleUsage") == [May(["apigateway:GET"], [plans, *usage])]
    attached = assembly.named("AWS::IAM::Policy", "ConsoleUsage")["Roles"]
    assert [role["Ref"].startswith("ConsolePageRole") for role in attached] == [True]


def test_nothing_else_has_a_policy_and_none_a_wildcard_for_actions_or_for_everything(assembly: Assembly) -> None:
    policies = assembly.resources("AWS::IAM::Policy")
    roles = (*ROLES, SHIFTING) if stage(assembly) == "prod" else ROLES
    assert sorted(re.split("DefaultPolicy|[0-9A-F]{8}$", name)[0] for name in policies) == sorted(roles)
    assert len(assembly.resources("AWS::IAM::ManagedPolicy")) == 5
    for role in roles:
        statements = granted(assembly, role)
        assert "*" not in json.dumps([statement.actions for statement in statements])
        assert [role for statement in statements if "*" in statement.resources] in ([], *FOR_ALL)


def granted(assembly: Assembly, name: str, kind: str = "AWS::IAM::Policy") -> list[May]:
    """Every statement of a policy; each of them allows something."""
    statements = assembly.named(kind, name)["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    found = [
        May(
            several(statement["Action"]),
            [shown(one) for one in several(statement["Resource"])],
            statement.get("Condition"),
        )
        for statement in statements
    ]
    traces = next((may for may in found if set(SEGMENTS) <= set(may.actions)), None)
    if traces is None or name == MACHINE_ROLE:
        return found
    assert (traces.resources, traces.condition) == (["*"], None)
    # The CDK makes one statement of all that has no resource, where the first of them stood.
    rest = traces._replace(actions=[action for action in traces.actions if action not in SEGMENTS])
    return [may for may in found if may != traces] + ([rest] if rest.actions else [])


def stage(assembly: Assembly) -> str:
    """The name of the stage."""
    return str(assembly.only("AWS::ApiGateway::Stage")["StageName"])
