"""Who may read how the data of models drifts."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import registry_access as registry
from infra.acknowledgements import acknowledge
from infra.function import Function
from infra.model_store import ModelStore
from infra.operator import Operator

STACK_UNNAMED = "AWS makes the ids of stacks; the name holds it to this stage."


class DriftAccess(Construct):
    """A policy for the people and pipelines that run `ortless drift`: the lines of the log, and the references."""

    def __init__(self, scope: Construct, name: str, *, models: ModelStore, functions: Sequence[Function]) -> None:
        """Define it.

        Args:
            functions: that answer predictions.
        """
        super().__init__(scope, name)
        self._functions = functions
        self.policy = Operator(self, "Operator", description="See how the data of ortless' models drifts").policy
        models.grant(self.policy, registry.DRIFT)
        stack = f"{Stack.of(self).stack_name}/*"
        arn = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=stack)
        self._allow(["cloudformation:DescribeStacks"], [arn])
        self._allow(["logs:FilterLogEvents"], [arn for each in functions for arn in _names(each)])
        known = f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/{stack}"
        acknowledge(self.policy, {f"AwsSolutions-IAM5[Resource::{known}]": STACK_UNNAMED})

    @property
    def outputs(self) -> dict[str, str]:
        """What `ortless drift` reads among the stack's outputs."""
        groups = ",".join(each.log_group.log_group_name for each in self._functions)
        return {"PredictLogs": groups, "DriftPolicyArn": self.policy.managed_policy_arn}

    def _allow(self, actions: list[str], arns: list[str]) -> None:
        self.policy.add_statements(iam.PolicyStatement(actions=actions, resources=arns))


def _names(function: Function) -> tuple[str, str]:
    """A function's log group as AWS may call it: with its streams, and without."""
    group = function.log_group
    bare = Stack.of(group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return group.log_group_arn, bare
