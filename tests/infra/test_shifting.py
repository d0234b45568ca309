"""Traffic shifting: callers get what was deployed in steps, where the stage says so, and never on the local stage."""

from typing import Any

import pytest

from infra.app import use_bundled_node
from infra.setting import InvalidStage
from infra.stages import Stage
from infra.workload import ADMIN
from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import May, granted

STEPS = {
    "canary-10-5m": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "linear-10-1m": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
}


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_without_steps_there_is_no_codedeploy(stage: str, synthesized: Synthesized) -> None:
    assert "CodeDeploy" not in synthesized(stage, traffic_shifting="all-at-once").text


@pytest.mark.parametrize("steps", STEPS)
def test_the_alias_of_predictions_is_moved_in_steps_and_no_other(steps: str, synthesized: Synthesized) -> None:
    assembly = synthesized("prod", traffic_shifting=steps)
    group = assembly.only("AWS::CodeDeploy::DeploymentGroup")
    assert group["DeploymentConfigName"] == STEPS[steps]
    assert group["DeploymentStyle"] == {"DeploymentOption": "WITH_TRAFFIC_CONTROL", "DeploymentType": "BLUE_GREEN"}
    assert "DEPLOYMENT_FAILURE" in group["AutoRollbackConfiguration"]["Events"]
    moved = {name: it["UpdatePolicy"] for name, it in aliases(assembly).items() if "UpdatePolicy" in it}
    assert [name.rstrip("0123456789ABCDEF") for name in moved] == ["PredictLive"]
    (policy,) = moved.values()
    assert policy["CodeDeployLambdaAliasUpdate"].keys() == {"ApplicationName", "DeploymentGroupName"}


def test_codedeploy_may_move_that_alias_and_nothing_else(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", traffic_shifting="canary-10-5m")
    function = next(name for name in assembly.resources("AWS::Lambda::Function") if name.startswith("PredictFunction"))
    actions = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    arn = f"<{function}.Arn>"
    assert granted(assembly, "ShiftingRole") == [
        May(actions, [arn, f"{arn}:live"]),
        May(["cloudwatch:DescribeAlarms"], ["*"]),  # AWS takes no resource for this
    ]
    role = assembly.named("AWS::IAM::Role", "ShiftingRole")
    assert "ManagedPolicyArns" not in role
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "codedeploy.amazonaws.com"}


def test_alarms_take_every_caller_back() -> None:
    use_bundled_node()
    from aws_cdk import App, Stack
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk.assertions import Template

    from infra.function import Function
    from infra.shifting import Shifting

    stack = Stack(App(), "guarded")
    function = Function(stack, "Predict", stage=Stage("local", packaging="working-tree"), work=ADMIN, settings={})
    alarm = cloudwatch.Alarm(
        stack, "Errors", metric=function.function.metric_errors(), threshold=1, evaluation_periods=1
    )
    Shifting(stack, "Shifting", function=function, shifting="canary-10-5m", alarms=[alarm])
    template = Template.from_stack(stack).to_json()["Resources"].values()
    (group,) = (it["Properties"] for it in template if it["Type"] == "AWS::CodeDeploy::DeploymentGroup")
    assert group["AlarmConfiguration"]["Enabled"] is True
    (name,) = (shown(each["Name"]) for each in group["AlarmConfiguration"]["Alarms"])
    assert name.startswith("<Errors")
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    statements = [
        statement
        for it in template
        if it["Type"] == "AWS::IAM::Policy"
        for statement in it["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert {"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*"} in statements


@pytest.mark.parametrize("beside", [{"provisioned_concurrency": 2}, {"packaging": "working-tree"}], ids=str)
def test_what_cannot_be_shifted_is_refused(beside: dict[str, object]) -> None:
    with pytest.raises(InvalidStage, match=r"stages\.dev\.traffic_shifting"):
        Stage.read("dev", {"dev": {"traffic_shifting": "canary-10-5m", **beside}})


def test_steps_that_nobody_knows_are_refused() -> None:
    with pytest.raises(InvalidStage, match='one of "all-at-once", "canary-10-5m", "linear-10-1m"'):
        Stage.read("dev", {"dev": {"traffic_shifting": "slowly"}})


def aliases(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """The aliases of all functions."""
    return assembly.resources("AWS::Lambda::Alias")
