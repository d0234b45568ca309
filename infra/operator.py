"""The operator: what a person or a pipeline needs to publish models and to call the API."""

from aws_cdk import aws_iam as iam
from constructs import Construct


class Operator(Construct):
    """A policy to attach to people and pipelines; the stack grants it what they may do."""

    def __init__(self, scope: Construct, name: str, *, description: str) -> None:
        super().__init__(scope, name)
        self.policy = iam.ManagedPolicy(self, "Policy", description=description)
