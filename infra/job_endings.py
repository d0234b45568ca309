"""The topic that is told when a job ends, whatever its end."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.job_queue import FROM_THIS_ACCOUNT
from infra.stages import Stage
from infra.topic import Topic

NAMES = ("/manifest.json", "/failed.json")
"""What the keys of the objects that end a job end in."""


class JobEndings(Construct):
    """S3 speaks to it, the stage's webhooks listen; so may any subscriber of the account."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage) -> None:
        super().__init__(scope, name)
        self.topic = Topic(self, "Topic")
        self.permission = self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Endings",
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=FROM_THIS_ACCOUNT,
            )
        ).policy_dependable
        for address in stage.webhooks:
            self.topic.add_subscription(subscriptions.UrlSubscription(address))
