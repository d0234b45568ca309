"""A topic that only speaks TLS, encrypted where the stage has a key."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.customer_key import CustomerKey


class Topic(sns.Topic):
    """Who may speak to it its policy says.

    Without a key of the stage's own it is not encrypted at rest: neither alarms nor S3 can speak through the key that
    AWS manages for SNS. What is told is how a model or a job fares, never what was asked or answered.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name, enforce_ssl=True, master_key=CustomerKey.of(scope))
