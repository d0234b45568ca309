"""The key of a stage that encrypts with one of its own, and what each role and service may do with it."""

from collections.abc import Mapping, Sequence
from typing import Self

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct, IConstruct

NAME = "CustomerKey"
PENDING = {"retain": Duration.days(30), "destroy": Duration.days(7)}
"""How long a key that is deleted can be brought back: it takes everything with it that it encrypted."""
SPEAKERS = ("s3.amazonaws.com", "cloudwatch.amazonaws.com")
"""What speaks to queues and topics by itself: buckets of files that came, alarms that went off."""


class CustomerKey(kms.Key):
    """One symmetric key, renewed each year. The account's policies decide over it; each role gets what it needs.

    Every grant names the service that asks in the role's stead, and which bucket or queue it asks for: a role that may
    read one bucket decrypts nothing of another, and nothing at all by calling KMS itself.
    """

    def __init__(self, scope: Construct, *, removal: str, alias: str) -> None:
        """Define the key.

        Args:
            removal: retain or destroy: what becomes of it with its stack.
            alias: what people and other regions know it by.
        """
        super().__init__(
            scope,
            NAME,
            alias=alias,
            description=f"ortless: what {Stack.of(scope).stack_name} keeps",
            enable_key_rotation=True,
            pending_window=PENDING[removal],
            removal_policy=RemovalPolicy[removal.upper()],
        )

    @classmethod
    def of(cls, construct: IConstruct) -> Self | None:
        """The key of a construct's stack; None where it has none, and AWS's own keys do."""
        found = Stack.of(construct).node.try_find_child(NAME)
        return found if isinstance(found, cls) else None

    def admit_logs(self, *groups: str) -> None:
        """Let CloudWatch Logs keep log groups of these names with the key; a `*` stands for anything."""
        here = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group"
        self._admit(
            "Logs",
            [f"logs.{Aws.REGION}.amazonaws.com"],
            ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": [f"{here}:{group}" for group in groups]}},
        )

    def admit_speakers(self) -> None:
        """Let S3 and alarms of this account speak to its queues and topics."""
        account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        self._admit("Speakers", SPEAKERS, ["kms:Decrypt", "kms:GenerateDataKey"], account)

    def grant_objects(self, grantee: iam.IGrantable, bucket: str, *, writes: bool) -> None:
        """Let a role or person use what is in a bucket, as far as it may at all; S3 keeps one data key for all of it.

        Args:
            bucket: its ARN.
            writes: what is written in several parts is read again by S3, hence both.
        """
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])]
        self._grant(grantee, actions, "s3", {"kms:EncryptionContext:aws:s3:arn": bucket})

    def grant_messages(self, grantee: iam.IGrantable, queue: str, *, sends: bool) -> None:
        """Let a role read what is in a queue, or write to it as well."""
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if sends else [])]
        self._grant(grantee, actions, "sqs", {"kms:EncryptionContext:aws:sqs:arn": queue})

    def grant_environment(self, grantee: iam.IGrantable) -> None:
        """Let a function be told its settings."""
        self._grant(grantee, ["kms:Decrypt"], "lambda", {})

    def _admit(
        self, name: str, services: Sequence[str], actions: list[str], conditions: Mapping[str, Mapping[str, object]]
    ) -> None:
        principals = [iam.ServicePrincipal(service) for service in services]
        statement = iam.PolicyStatement(
            sid=name, principals=principals, actions=actions, resources=["*"], conditions=dict(conditions)
        )
        self.add_to_resource_policy(statement)

    def _grant(self, grantee: iam.IGrantable, actions: list[str], service: str, context: Mapping[str, str]) -> None:
        via = f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}"
        conditions = {"StringEquals": {"kms:ViaService": via, **context}}
        iam.Grant.add_to_principal(
            grantee=grantee, actions=actions, resource_arns=[self.key_arn], conditions=conditions
        )
