"""Traffic shifting: what was deployed gets a share of the callers first, and all of them if no alarm goes off."""

from collections.abc import Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import Function
from infra.shifts import ALL_AT_ONCE

CONFIGURATIONS = {
    "canary-10-5m": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "linear-10-1m": codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
}
ANY_ALARM = "AWS takes no resource for this: it reads the states of alarms."


class Shifting(Construct):
    """CodeDeploy moves a function's alias to what was deployed; nothing where all callers get it at once."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        function: Function,
        shifting: str,
        alarms: Sequence[cloudwatch.IAlarm] = (),
    ) -> None:
        """Define the deployment group.

        Args:
            function: the one whose alias is moved.
            shifting: how; a name of `infra/shifts.py`.
            alarms: what takes every caller back to the version before, when it goes off meanwhile.
        """
        super().__init__(scope, name)
        if shifting == ALL_AT_ONCE:
            return
        account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        deployer = iam.ServicePrincipal("codedeploy.amazonaws.com", conditions=account)
        self._role = iam.Role(self, "Role", assumed_by=deployer)
        self._grant(function, watches=bool(alarms))
        application = codedeploy.LambdaApplication(
            self, "Application", application_name=f"{Stack.of(self).stack_name}-{name.lower()}"
        )
        group = codedeploy.LambdaDeploymentGroup(
            self,
            "Group",
            application=application,
            alias=function.live,
            deployment_config=CONFIGURATIONS[shifting],
            alarms=list(alarms),
            # AWS's own policy for this role would let it invoke every function and read every bucket of the account.
            role=self._role.without_policy_updates(),
        )
        group.node.add_dependency(self._role)
        function.live.node.add_dependency(self._role)

    def _grant(self, function: Function, *, watches: bool) -> None:
        self._role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
                resources=[function.function.function_arn, f"{function.function.function_arn}:live"],
            )
        )
        if watches:
            self._role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
            acknowledge(self._role, {"AwsSolutions-IAM5[Resource::*]": ANY_ALARM})
