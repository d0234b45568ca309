"""The kill switch: which functions `ortless stop` takes out of service, and who may do that."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import Function
from infra.operator import Operator

UNNAMED = "AWS makes the ids of stacks and event sources; a name or a condition holds these to this stage."


class KillSwitch(Construct):
    """Functions that are asked for nothing once they are stopped, and a policy for who stops and resumes them."""

    def __init__(self, scope: Construct, name: str, *, functions: Sequence[Function], fed: Sequence[Function]) -> None:
        """Define the policy.

        Args:
            functions: what is stopped and resumed.
            fed: those of them that an event source may feed.
        """
        super().__init__(scope, name)
        self._functions = functions
        self._fed = [each.function.function_arn for each in fed]
        self.policy = Operator(self, "Operator", description="Stop what costs in ortless, and resume it").policy
        self._grant([each.function.function_arn for each in functions], [each.live.function_arn for each in functions])

    @property
    def outputs(self) -> Mapping[str, str]:
        """What `ortless stop` reads among the stack's outputs."""
        return {
            "ServingFunctions": ",".join(each.function.function_arn for each in self._functions),
            "SwitchPolicyArn": self.policy.managed_policy_arn,
        }

    def _grant(self, functions: list[str], aliases: list[str]) -> None:
        provisioned = [f"lambda:{verb}ProvisionedConcurrencyConfig" for verb in ("Get", "Put", "Delete")]
        name = f"{Stack.of(self).stack_name}/*"
        stack = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=name)
        sources = Stack.of(self).format_arn(
            service="lambda",
            resource="event-source-mapping",
            resource_name="*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.policy.add_statements(
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[stack]),
            iam.PolicyStatement(
                actions=[
                    *(f"lambda:{verb}FunctionConcurrency" for verb in ("Get", "Put", "Delete")),
                    *("lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"),
                ],
                resources=functions,
            ),
            iam.PolicyStatement(actions=provisioned, resources=aliases),
            # AWS takes no resource for the list, and none but the mapping's own for a change.
            iam.PolicyStatement(actions=["lambda:ListEventSourceMappings"], resources=["*"]),
            iam.PolicyStatement(
                actions=["lambda:UpdateEventSourceMapping"],
                resources=[sources],
                conditions={"ArnLike": {"lambda:FunctionArn": [f"{arn}*" for arn in self._fed]}},
            ),
        )
        here = "<AWS::Region>:<AWS::AccountId>"
        arns = (f"lambda:{here}:event-source-mapping:*", f"cloudformation:{here}:stack/{name}")
        unnamed = ["*", *(f"arn:<AWS::Partition>:{arn}" for arn in arns)]
        acknowledge(self.policy, {f"AwsSolutions-IAM5[Resource::{arn}]": UNNAMED for arn in unnamed})
