"""A bucket that nobody outside sees, and permissions to it that name the objects they are for."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.customer_key import CustomerKey


class Access(NamedTuple):
    """What one role may do with the objects of a bucket: patterns of keys for each action."""

    get: tuple[str, ...] = ()
    """Read objects as they are."""
    put: tuple[str, ...] = ()
    """Write objects, conditionally or not."""
    delete: tuple[str, ...] = ()
    """Remove objects; their versions stay for as long as the bucket keeps what was replaced."""
    names: tuple[str, ...] = ()
    """List what there is."""
    past: tuple[str, ...] = ()
    """List and read what objects were before."""
    pinned: tuple[str, ...] = ()
    """Read the one version of an object that an event names."""


class PrivateBucket(s3.Bucket):
    """A private bucket that is encrypted and versioned and only speaks TLS."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        removal: str,
        rules: Sequence[s3.LifecycleRule],
        versioned: bool = True,
        bucket_name: str | None = None,
        no_access_log: str,
        names_unknown: str,
    ) -> None:
        """Define the bucket.

        Args:
            removal: retain or destroy: what becomes of it with its stack.
            rules: what is forgotten, and when.
            versioned: whether what was replaced is kept.
            bucket_name: where somebody has to know it beforehand; else CloudFormation makes one.
            no_access_log: why it writes none.
            names_unknown: why permissions are for patterns of keys.
        """
        key = CustomerKey.of(scope)
        super().__init__(
            scope,
            name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            # One data key for the bucket, instead of a paid call of KMS for every object.
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            versioned=versioned,
            bucket_name=bucket_name,
            removal_policy=RemovalPolicy[removal.upper()],
            lifecycle_rules=list(rules),
        )
        self._names_unknown, self._key = names_unknown, key
        acknowledge(self, {"AwsSolutions-S1": no_access_log})

    @property
    def resource(self) -> s3.CfnBucket:
        """The bucket as CloudFormation knows it."""
        return cast(s3.CfnBucket, self.node.default_child)

    def grant(self, grantee: iam.Role | iam.ManagedPolicy, access: Access) -> None:
        """Let a function or a person do what the access says."""
        self._grant_objects(grantee, "s3:GetObject", access.get)
        self._grant_objects(grantee, "s3:PutObject", access.put)
        self._grant_objects(grantee, "s3:DeleteObject", access.delete)
        self._grant_objects(grantee, "s3:GetObjectVersion", access.past + access.pinned)
        self._grant_list(grantee, "s3:ListBucket", access.names)
        self._grant_list(grantee, "s3:ListBucketVersions", access.past)
        if self._key and (access.get or access.past or access.pinned or access.put):
            self._key.grant_objects(grantee, self.bucket_arn, writes=bool(access.put))

    def _grant_objects(self, grantee: iam.Role | iam.ManagedPolicy, action: str, keys: tuple[str, ...]) -> None:
        if not keys:
            return
        objects = [self.arn_for_objects(key) for key in keys]
        iam.Grant.add_to_principal(grantee=grantee, actions=[action], resource_arns=objects)
        bucket = Stack.of(self).get_logical_id(self.resource)
        rules = [f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{key}]" for key in keys]
        acknowledge(grantee, dict.fromkeys(rules, self._names_unknown))

    def _grant_list(self, grantee: iam.Role | iam.ManagedPolicy, action: str, prefixes: tuple[str, ...]) -> None:
        if not prefixes:
            return
        # A read of a missing object names no prefix, and S3 says "not found" only to those who may list.
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[action],
            resource_arns=[self.bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": list(prefixes)}},
        )
