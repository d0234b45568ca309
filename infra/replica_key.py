"""The key of a replica: in another region, known here by its alias alone."""

from collections.abc import Mapping

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.backup import Backup
from infra.customer_key import CustomerKey

KEY_UNKNOWN = "KMS makes the id of a key; its alias, which the replica's stack gives it, holds the right to that one."


def alias(backup: Backup) -> str:
    """What the key of a replica is called: as its bucket, of which there is one in the world."""
    return f"alias/ortless-{backup.replica_bucket}"


def replica_key(scope: Construct, backup: Backup) -> str:
    """The ARN by which S3 finds the key."""
    return Stack.of(scope).format_arn(service="kms", region=backup.replica_region, resource=alias(backup))


def grant_copying(role: iam.Role, key: CustomerKey, source: str, replica: str, backup: Backup) -> None:
    """Let S3 decrypt what it copies and encrypt the copy, for these two buckets.

    Args:
        source: the ARN of the bucket that is copied.
        replica: the ARN of the other.
    """
    key.grant_objects(role, source, writes=False)
    _grant(role, backup, ["kms:Encrypt", "kms:GenerateDataKey"], {"kms:EncryptionContext:aws:s3:arn": replica})


def grant_reading(policy: iam.ManagedPolicy, backup: Backup) -> None:
    """Let a person read copies."""
    replica = f"arn:{Aws.PARTITION}:s3:::{backup.replica_bucket}"
    _grant(policy, backup, ["kms:Decrypt"], {"kms:EncryptionContext:aws:s3:arn": replica})


def _grant(
    grantee: iam.Role | iam.ManagedPolicy, backup: Backup, actions: list[str], context: Mapping[str, str]
) -> None:
    region = backup.replica_region
    via = {"kms:ViaService": f"s3.{region}.{Aws.URL_SUFFIX}", **context}
    named = {"kms:ResourceAliases": alias(backup)}
    keys = f"kms:{region}:{Aws.ACCOUNT_ID}:key/*"
    iam.Grant.add_to_principal(
        grantee=grantee,
        actions=actions,
        resource_arns=[f"arn:{Aws.PARTITION}:{keys}"],
        conditions={"StringEquals": via, "ForAnyValue:StringEquals": named},
    )
    found = f"arn:<AWS::Partition>:kms:{region}:<AWS::AccountId>:key/*"
    acknowledge(grantee, {f"AwsSolutions-IAM5[Resource::{found}]": KEY_UNKNOWN})
