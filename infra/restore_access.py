"""Who may bring the registry back: rights that nobody needs on other days."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import registry_access as registry
from infra.acknowledgements import acknowledge
from infra.backup import Backup
from infra.customer_key import CustomerKey
from infra.model_store import ModelStore
from infra.operator import Operator
from infra.replica_key import grant_reading

MODELS_UNKNOWN = "Models come and go without a deployment: their names are not known to the template."
STACK_UNNAMED = "AWS makes the ids of stacks; the name holds it to this stage."


class RestoreAccess(Construct):
    """A policy for the people who run `ortless restore`, to be attached for as long as that takes."""

    def __init__(self, scope: Construct, name: str, *, models: ModelStore, backup: Backup) -> None:
        super().__init__(scope, name)
        self.policy = Operator(self, "Operator", description="Bring the registry of ortless back").policy
        models.grant(self.policy, registry.RESTORE)
        stack = f"{Stack.of(self).stack_name}/*"
        self._allow(["cloudformation:DescribeStacks"], [Stack.of(self).format_arn(
            service="cloudformation", resource="stack", resource_name=stack)])  # fmt: skip
        arn = f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/{stack}"
        acknowledge(self.policy, {f"AwsSolutions-IAM5[Resource::{arn}]": STACK_UNNAMED})
        if backup.replica_bucket:
            self._read(backup.replica_bucket)
            if CustomerKey.of(self):
                grant_reading(self.policy, backup)

    @property
    def outputs(self) -> dict[str, str]:
        """The policy, by its name among the stack's outputs."""
        return {"RestorePolicyArn": self.policy.managed_policy_arn}

    def _read(self, bucket: str) -> None:
        arn = f"arn:{Aws.PARTITION}:s3:::{bucket}"
        self._allow(["s3:ListBucketVersions"], [arn])
        self._allow(["s3:GetObjectVersion"], [f"{arn}/*"])
        acknowledge(self.policy, {f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::{bucket}/*]": MODELS_UNKNOWN})

    def _allow(self, actions: list[str], arns: list[str]) -> None:
        self.policy.add_statements(iam.PolicyStatement(actions=actions, resources=arns))
