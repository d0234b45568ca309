"""The stack of a replica: a bucket in a second region, for a copy of a stage's registry. `make replica` deploys it."""

from aws_cdk import CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.backup import Backup
from infra.customer_key import CustomerKey
from infra.private_bucket import PrivateBucket
from infra.replica_key import alias
from infra.setting import InvalidStage
from infra.stages import Stage

NO_ACCESS_LOG = "S3 alone writes to it; CloudTrail data events audit single reads where that is wanted."
NAMES_UNKNOWN = "Models come and go without a deployment: their names are not known to the template."


class ReplicaStack(Stack):
    """A private, versioned bucket that outlives every stack, and forgets what was replaced when the registry does."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        """Define the bucket. Raises InvalidStage where the stage wants no replica."""
        backup = _wanted(stage)
        super().__init__(
            scope,
            f"ortless-{stage.name}-replica",
            description="ortless: a second copy of the models of a stage",
            env=Environment(region=backup.replica_region),
        )
        if stage.customer_key:
            CustomerKey(self, removal="retain", alias=alias(backup))
        bucket = PrivateBucket(
            self,
            "Bucket",
            bucket_name=backup.replica_bucket,
            removal="retain",
            rules=[_forget(backup)],
            no_access_log=NO_ACCESS_LOG,
            names_unknown=NAMES_UNKNOWN,
        )
        CfnOutput(self, "ReplicaBucket", value=bucket.bucket_name)


def _wanted(stage: Stage) -> Backup:
    if stage.backup.replica_bucket is None:
        place = f"stages.{stage.name}.backup.replica_bucket"
        raise InvalidStage(place, "the name of the bucket to make", stage.backup.replica_bucket)
    return stage.backup


def _forget(backup: Backup) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="forget-what-was-replaced",
        noncurrent_version_expiration=Duration.days(backup.restorable_days),
        expired_object_delete_marker=True,
        abort_incomplete_multipart_upload_after=Duration.days(7),
    )
