"""Where files are dropped and where their results are: two buckets, so that no result is ever taken for a file."""

from collections.abc import Iterable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from infra.private_bucket import PrivateBucket
from infra.stages import Stage

NO_ACCESS_LOG = (
    "Every job says in its manifest which version of which file it answered, and with what; CloudTrail data events "
    "audit single reads where that is wanted. A log bucket would be one more thing to secure."
)
NAMES_UNKNOWN = "Files and jobs come and go without a deployment: their names are not known to the template."
HALF_UPLOADED = Duration.days(2)


class JobBuckets(Construct):
    """The input bucket keeps every version of a file for as long as its job may; results are never replaced."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, page_origins: Sequence[str]) -> None:
        """Define the buckets.

        Args:
            page_origins: what the console's page comes from: like pages of the stage's origins, it uploads and fetches.
        """
        super().__init__(scope, name)
        self._origins = ["*"] if "*" in stage.cors_origins else [*page_origins, *stage.cors_origins]
        kept = Duration.days(stage.job_retention_days)
        forget_versions = s3.LifecycleRule(
            id="forget-files",
            expiration=kept,
            noncurrent_version_expiration=kept,
            abort_incomplete_multipart_upload_after=HALF_UPLOADED,
        )
        forget = s3.LifecycleRule(
            id="forget-results", expiration=kept, abort_incomplete_multipart_upload_after=HALF_UPLOADED
        )
        self.input = self._bucket("Input", stage, forget_versions, s3.HttpMethods.POST, versioned=True)
        self.output = self._bucket("Output", stage, forget, s3.HttpMethods.GET, versioned=False)

    def _bucket(
        self, name: str, stage: Stage, rule: s3.LifecycleRule, pages_may: s3.HttpMethods, *, versioned: bool
    ) -> PrivateBucket:
        bucket = PrivateBucket(
            self,
            name,
            removal=stage.removal,
            rules=[rule],
            versioned=versioned,
            no_access_log=NO_ACCESS_LOG,
            names_unknown=NAMES_UNKNOWN,
        )
        bucket.add_cors_rule(allowed_methods=[pages_may], allowed_origins=self._origins, allowed_headers=["*"])
        return bucket


def tell_queue(bucket: PrivateBucket, queue: str, *, after: IDependable) -> None:
    """Have S3 tell a queue of every object that is written; it tries that out, and so comes after its permission."""
    told = s3.CfnBucket.QueueConfigurationProperty(event="s3:ObjectCreated:*", queue=queue)
    bucket.resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[told]
    )
    bucket.resource.node.add_dependency(after)


def tell_topic(bucket: PrivateBucket, topic: str, endings: Iterable[str], *, after: IDependable) -> None:
    """Have S3 tell a topic of every object that is written and has a name with one of the endings."""
    rules = [s3.CfnBucket.FilterRuleProperty(name="suffix", value=ending) for ending in endings]
    bucket.resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        topic_configurations=[
            s3.CfnBucket.TopicConfigurationProperty(
                event="s3:ObjectCreated:*",
                topic=topic,
                filter=s3.CfnBucket.NotificationFilterProperty(s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])),
            )
            for rule in rules
        ]
    )
    bucket.resource.node.add_dependency(after)
