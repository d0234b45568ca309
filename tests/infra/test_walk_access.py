"""Every role, policy and permission of every stage, those included that nobody has thought of yet."""

from collections.abc import Iterator
from typing import Any

from tests.infra.assembly import Assembly, several
from tests.infra.conftest import Synthesized
from tests.infra.walk import STAGES, names, walked

__all__ = ["walked"]

NO_RESOURCE = {
    "cloudwatch:GetMetricData": "metrics have no ARN",
    "cloudwatch:ListMetrics": "metrics have no ARN",
    "cloudwatch:DescribeAlarms": "AWS takes no resource for it: it reads the states of alarms",
    **{
        f"ec2:{action}": "Lambda makes network interfaces under ids of AWS's; the function's code is refused the same"
        for action in (
            *("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface"),
            *("DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"),
        )
    },
    "lambda:ListEventSourceMappings": "a list has no ARN",
    "logs:CreateLogDelivery": "deliveries of logs have no ARN",
    "logs:DeleteLogDelivery": "deliveries of logs have no ARN",
    "logs:DescribeLogGroups": "Step Functions looks whether its group is there, by no ARN",
    "logs:DescribeResourcePolicies": "policies of CloudWatch Logs have no ARN",
    "logs:GetLogDelivery": "deliveries of logs have no ARN",
    "logs:ListLogDeliveries": "deliveries of logs have no ARN",
    "logs:PutResourcePolicy": "policies of CloudWatch Logs have no ARN",
    "logs:UpdateLogDelivery": "deliveries of logs have no ARN",
    "xray:GetSamplingRules": "traces have no ARN",
    "xray:GetSamplingTargets": "traces have no ARN",
    "xray:PutTelemetryRecords": "traces have no ARN",
    "xray:PutTraceSegments": "traces have no ARN",
}
"""Actions that may be allowed on every resource, and why."""
OWN_CODE = {"Null": {"lambda:SourceFunctionArn": "false"}}
"""The only thing that is ever denied to a role: that a function's own code does what Lambda does for it."""
NO_SOURCE = {
    "lambda.amazonaws.com": "Lambda names no source when it takes on the role of a function",
    "apigateway.amazonaws.com": "the role for the logs of all APIs of an account, which outlives the stage",
}
"""Services whose roles are trusted without a condition on who they act for, and why."""


def statements(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy that gives rights to a role or a person, with the policy's logical id."""
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in assembly.resources(kind).items():
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement
    for name, role in assembly.resources("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def test_no_statement_allows_an_action_by_wildcard_or_all_but_some(walked: Assembly) -> None:
    for name, statement in statements(walked):
        assert statement["Effect"] == "Allow" or statement.get("Condition") == OWN_CODE, name
        assert not {"NotAction", "NotResource"} & statement.keys(), name
        assert [action for action in several(statement["Action"]) if "*" in action] == [], name


def test_what_is_allowed_on_everything_has_a_reason(walked: Assembly) -> None:
    for name, statement in statements(walked):
        if "*" in several(statement["Resource"]):
            assert [action for action in several(statement["Action"]) if action not in NO_RESOURCE] == [], name


def test_no_reason_is_left_over(synthesized: Synthesized) -> None:
    found = {
        action
        for stage, settings in STAGES.values()
        for _, statement in statements(synthesized(stage, **settings))
        if "*" in several(statement["Resource"])
        for action in several(statement["Action"])
    }
    assert set(NO_RESOURCE) == found


def test_nobody_may_pass_a_role_or_change_who_may_do_what(walked: Assembly) -> None:
    for name, statement in statements(walked):
        mighty = [action for action in several(statement["Action"]) if action.startswith(("iam:", "sts:", "kms:Put"))]
        assert mighty == [], name


def test_every_role_is_trusted_to_one_service_that_says_for_whom_it_acts_where_it_can(walked: Assembly) -> None:
    roles = walked.resources("AWS::IAM::Role")
    assert roles
    for name, role in roles.items():
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole"), name
        (service,) = several(statement["Principal"]["Service"])
        source = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        assert statement.get("Condition") == (None if service in NO_SOURCE else source), name


def test_every_function_has_a_role_of_its_own(walked: Assembly) -> None:
    used = [name for function in walked.properties("AWS::Lambda::Function") for name in names(function["Role"])]
    assert len(used) == len(set(used))


def test_every_call_that_a_function_takes_from_a_service_comes_from_a_resource_of_this_account(
    walked: Assembly,
) -> None:
    permissions = walked.resources("AWS::Lambda::Permission")
    assert permissions
    for name, permission in permissions.items():
        properties = permission["Properties"]
        assert properties["Principal"].endswith(".amazonaws.com"), name
        assert properties["Action"] == "lambda:InvokeFunction", name
        assert {"SourceArn", "SourceAccount"} & properties.keys(), name


def test_no_role_or_user_has_a_policy_or_a_name_from_outside(walked: Assembly) -> None:
    for kind in ("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::Group"):
        assert walked.resources(kind) == {}
    assert [role for role in walked.properties("AWS::IAM::Role") if "RoleName" in role] == []
