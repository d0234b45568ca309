"""A queue that only speaks TLS, encrypted by the stage's key or by one of SQS's own."""

from typing import Any, cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.customer_key import CustomerKey

REUSED = Duration.hours(1)
"""How long SQS asks KMS for no other data key: each of these calls is paid for."""


class Queue(sqs.Queue):
    """Who is granted something may use the stage's key for that."""

    def __init__(self, scope: Construct, name: str, **settings: Any) -> None:
        key = CustomerKey.of(scope)
        managed = None if key else sqs.QueueEncryption.SQS_MANAGED
        super().__init__(scope, name, encryption=managed, enforce_ssl=True, **settings)
        self._key = key
        if key:
            # The construct's own setting would let every consumer decrypt anything.
            resource = cast(sqs.CfnQueue, self.node.default_child)
            resource.kms_master_key_id = key.key_arn
            resource.kms_data_key_reuse_period_seconds = REUSED.to_seconds()

    def let_send(self, grantee: iam.IGrantable) -> None:
        """Let a role encrypt what it is allowed to send."""
        if self._key:
            self._key.grant_messages(grantee, self.queue_arn, sends=True)

    def let_receive(self, grantee: iam.IGrantable) -> None:
        """Let a role decrypt what it is allowed to receive."""
        if self._key:
            self._key.grant_messages(grantee, self.queue_arn, sends=False)
