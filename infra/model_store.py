"""The registry's bucket: immutable packages, one small alias object per model, and what leads to both."""

from typing import cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.registry_access import Access

NO_ACCESS_LOG = (
    "Packages are immutable and versioned, and an audit object says who promoted what; CloudTrail data "
    "events audit single reads where that is wanted. A log bucket would be one more thing to secure."
)
NAMES_UNKNOWN = "Models and uploads come and go without a deployment: their names are not known to the template."


class ModelStore(Construct):
    """A private, versioned bucket that only speaks TLS."""

    def __init__(self, scope: Construct, name: str, *, removal: str) -> None:
        super().__init__(scope, name)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy[removal.upper()],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="forget-what-was-replaced",
                    noncurrent_version_expiration=Duration.days(30),
                    expired_object_delete_marker=True,
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                ),
                # What was worth keeping is a package by then. Of two rules the one that forgets sooner holds.
                s3.LifecycleRule(
                    id="forget-uploads",
                    prefix="uploads/",
                    expiration=Duration.days(2),
                    noncurrent_version_expiration=Duration.days(1),
                ),
            ],
        )
        acknowledge(self.bucket, {"AwsSolutions-S1": NO_ACCESS_LOG})

    def grant(self, grantee: iam.Role | iam.ManagedPolicy, access: Access) -> None:
        """Let a function or a person do what the access says."""
        self._grant_objects(grantee, "s3:GetObject", access.get)
        self._grant_objects(grantee, "s3:PutObject", access.put)
        self._grant_objects(grantee, "s3:DeleteObject", access.delete)
        self._grant_objects(grantee, "s3:GetObjectVersion", access.past)
        self._grant_list(grantee, "s3:ListBucket", access.names)
        self._grant_list(grantee, "s3:ListBucketVersions", access.past)

    def _grant_objects(self, grantee: iam.Role | iam.ManagedPolicy, action: str, keys: tuple[str, ...]) -> None:
        if not keys:
            return
        objects = [self.bucket.arn_for_objects(key) for key in keys]
        iam.Grant.add_to_principal(grantee=grantee, actions=[action], resource_arns=objects)
        bucket = Stack.of(self).get_logical_id(cast(s3.CfnBucket, self.bucket.node.default_child))
        rules = [f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{key}]" for key in keys]
        acknowledge(grantee, dict.fromkeys(rules, NAMES_UNKNOWN))

    def _grant_list(self, grantee: iam.Role | iam.ManagedPolicy, action: str, prefixes: tuple[str, ...]) -> None:
        if not prefixes:
            return
        # A read of a missing object names no prefix, and S3 says "not found" only to those who may list.
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=[action],
            resource_arns=[self.bucket.bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": list(prefixes)}},
        )
