"""The model registry's bucket: immutable packages, and one small alias object per model."""

from typing import cast

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

PREFIXES = ("packages/*", "aliases/*")


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
                )
            ],
        )
        Validations.of(self.bucket).acknowledge(
            Acknowledgment(
                id="AwsSolutions-S1",
                reason="Packages are immutable and versioned, and an alias says who promoted what; CloudTrail data "
                "events audit single reads where that is wanted. A log bucket would be one more thing to secure.",
            )
        )

    def grant_read(self, grantee: iam.Role | iam.ManagedPolicy) -> None:
        """Let a function fetch packages and see which version each alias names."""
        self._grant_objects(grantee, "s3:GetObject")
        self._grant_list(grantee, "aliases/*")

    def grant_publish(self, grantee: iam.Role | iam.ManagedPolicy) -> None:
        """Let a person publish packages, promote them and look at both."""
        self._grant_objects(grantee, "s3:GetObject", "s3:PutObject")
        self._grant_list(grantee, *PREFIXES)

    def _grant_objects(self, grantee: iam.Role | iam.ManagedPolicy, *actions: str) -> None:
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=list(actions),
            resource_arns=[self.bucket.arn_for_objects(prefix) for prefix in PREFIXES],
        )
        bucket = Stack.of(self).get_logical_id(cast(s3.CfnBucket, self.bucket.node.default_child))
        for prefix in PREFIXES:
            Validations.of(grantee).acknowledge(
                Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{prefix}]",
                    reason="Models come and go without a deployment: their names are not known to the template.",
                )
            )

    def _grant_list(self, grantee: iam.Role | iam.ManagedPolicy, *prefixes: str) -> None:
        # A read of a missing object names no prefix, and S3 says "not found" only to those who may list.
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:ListBucket"],
            resource_arns=[self.bucket.bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": list(prefixes)}},
        )
