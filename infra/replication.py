"""A second copy of the registry in another region: what is copied there, and by what right."""

from collections.abc import Sequence

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.backup import Backup
from infra.customer_key import CustomerKey
from infra.private_bucket import PrivateBucket
from infra.replica_key import grant_copying, replica_key

PREFIXES = ("packages/", "aliases/", "audit/", "retired/")
"""The registry; uploads are gone in two days anyway."""
NAMES_UNKNOWN = "Models come and go without a deployment: their names are not known to the template."

ENCRYPTED = s3.CfnBucket.SourceSelectionCriteriaProperty(
    sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status="Enabled")
)
"""Without this S3 leaves out what a key of KMS encrypted."""


class Replication(Construct):
    """Has S3 copy what is written to a bucket, deletions as well; nothing where the stage names no replica."""

    def __init__(self, scope: Construct, name: str, *, bucket: PrivateBucket, backup: Backup) -> None:
        super().__init__(scope, name)
        if backup.replica_bucket is None:
            return
        replica = Stack.of(self).format_arn(service="s3", region="", account="", resource=backup.replica_bucket)
        account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("s3.amazonaws.com", conditions=account))
        self._grant(role, bucket, replica)
        key, theirs = CustomerKey.of(self), None
        if key:
            theirs = replica_key(self, backup)
            grant_copying(role, key, bucket.bucket_arn, replica, backup)
        bucket.resource.replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=role.role_arn,
            rules=[_rule(prefix, place, replica, theirs) for place, prefix in enumerate(PREFIXES, 1)],
        )

    def _grant(self, role: iam.Role, bucket: PrivateBucket, replica: str) -> None:
        reads = [f"s3:GetObjectVersion{what}" for what in ("ForReplication", "Acl", "Tagging")]
        writes = [f"s3:Replicate{what}" for what in ("Object", "Delete", "Tags")]
        _allow(role, ["s3:GetReplicationConfiguration", "s3:ListBucket"], [bucket.bucket_arn])
        _allow(role, reads, [bucket.arn_for_objects(f"{prefix}*") for prefix in PREFIXES])
        _allow(role, writes, [f"{replica}/{prefix}*" for prefix in PREFIXES])
        ours = f"<{Stack.of(self).get_logical_id(bucket.resource)}.Arn>"
        theirs = replica.replace(Aws.PARTITION, "<AWS::Partition>")
        rules = [f"AwsSolutions-IAM5[Resource::{arn}/{prefix}*]" for arn in (ours, theirs) for prefix in PREFIXES]
        acknowledge(role, dict.fromkeys(rules, NAMES_UNKNOWN))


def _allow(role: iam.Role, actions: Sequence[str], arns: Sequence[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(arns)))


def _rule(prefix: str, place: int, replica: str, key: str | None) -> s3.CfnBucket.ReplicationRuleProperty:
    return s3.CfnBucket.ReplicationRuleProperty(
        id=f"copy-{prefix.rstrip('/')}",
        status="Enabled",
        priority=place,
        filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=prefix),
        # The mark of a deletion goes along; the deletion of a version, which is for good, never does.
        delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Enabled"),
        destination=s3.CfnBucket.ReplicationDestinationProperty(
            bucket=replica,
            encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(replica_kms_key_id=key)
            if key
            else None,
        ),
        source_selection_criteria=ENCRYPTED if key else None,
    )
