"""What a function could not deal with, kept for a person to look at."""

from aws_cdk import Duration
from constructs import Construct

from infra.queue import Queue


class DeadLetters(Queue):
    """A queue that is encrypted, only speaks TLS and forgets after 14 days."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name, retention_period=Duration.days(14))
