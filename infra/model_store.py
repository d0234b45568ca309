"""The registry's bucket: immutable packages, one small alias object per model, and what leads to both."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.backup import Backup
from infra.private_bucket import Access, PrivateBucket
from infra.replication import Replication

NO_ACCESS_LOG = (
    "Packages are immutable and versioned, and an audit object says who promoted what; CloudTrail data "
    "events audit single reads where that is wanted. A log bucket would be one more thing to secure."
)
NAMES_UNKNOWN = "Models and uploads come and go without a deployment: their names are not known to the template."


class ModelStore(Construct):
    """A private, versioned bucket that only speaks TLS."""

    def __init__(self, scope: Construct, name: str, *, removal: str, backup: Backup) -> None:
        super().__init__(scope, name)
        rules = [
            s3.LifecycleRule(
                id="forget-what-was-replaced",
                noncurrent_version_expiration=Duration.days(backup.restorable_days),
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
        ]
        self.bucket = PrivateBucket(
            self, "Bucket", removal=removal, rules=rules, no_access_log=NO_ACCESS_LOG, names_unknown=NAMES_UNKNOWN
        )
        Replication(self, "Replication", bucket=self.bucket, backup=backup)

    def grant(self, grantee: iam.Role | iam.ManagedPolicy, access: Access) -> None:
        """Let a function or a person do what the access says."""
        self.bucket.grant(grantee, access)
