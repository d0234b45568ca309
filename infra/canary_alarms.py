"""The alarms of canaries: the admin API sets them, they speak to a topic, and who listens rolls back."""

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.topic import Topic


class CanaryAlarms(Construct):
    """A topic that alarms of these names, and nothing else of AWS's, may speak to; over TLS only."""

    def __init__(self, scope: Construct, name: str, *, prefix: str) -> None:
        super().__init__(scope, name)
        self.prefix = prefix
        self.topic = Topic(self, "Topic")
        self._arn = Stack.of(self).format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=f"{prefix}-canary-*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="CanaryAlarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": self._arn},
                },
            )
        )

    def tell(self, function: lambda_.IFunction) -> None:
        """Have a function called when an alarm changes its state."""
        subscription = self.topic.add_subscription(subscriptions.LambdaSubscription(function))
        acknowledge(subscription, {"CloudFormation-Validate::W3694": "An alias of a function is one to SNS as well."})

    def grant_set(self, grantee: iam.Role) -> None:
        """Let a function set the alarms of canaries, and take them away."""
        self._grant(grantee, "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms")

    def grant_delete(self, grantee: iam.Role) -> None:
        """Let a function take the alarms of canaries away."""
        self._grant(grantee, "cloudwatch:DeleteAlarms")

    def _grant(self, grantee: iam.Role, *actions: str) -> None:
        iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self._arn])
        arn = f"arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:{self.prefix}-canary-*"
        why = "An alarm is named after its model and the state that it watches: no template knows them."
        acknowledge(grantee, {f"AwsSolutions-IAM5[Resource::{arn}]": why})
