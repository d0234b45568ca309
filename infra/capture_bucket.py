"""Where sampled requests are kept: the functions that answer may add to it, and only who is told to may read it."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.operator import Operator
from infra.private_bucket import Access, PrivateBucket
from infra.stages import Stage

PREFIX = "captured"
NO_ACCESS_LOG = (
    "What is in it expires; CloudTrail data events audit single reads where that is wanted. A log bucket would be one "
    "more thing to secure."
)
NAMES_UNKNOWN = "Models and their versions come and go without a deployment: their names are not known to the template."
STACK_UNNAMED = "AWS makes the ids of stacks; the name holds it to this stage."
HALF_UPLOADED = Duration.days(1)


class CaptureBucket(Construct):
    """A private bucket whose objects expire, and a policy for who may read them; neither where nothing is kept."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage) -> None:
        super().__init__(scope, name)
        self._capture = stage.capture
        self.bucket: PrivateBucket | None = None
        if not stage.capture.share:
            return
        expiry = s3.LifecycleRule(
            id="forget-requests",
            expiration=Duration.days(stage.capture.retention_days),
            abort_incomplete_multipart_upload_after=HALF_UPLOADED,
        )
        self.bucket = PrivateBucket(
            self,
            "Bucket",
            removal=stage.removal,
            rules=[expiry],
            versioned=False,
            no_access_log=NO_ACCESS_LOG,
            names_unknown=NAMES_UNKNOWN,
        )
        self._reader = Operator(self, "Reader", description="Read requests to ortless that were kept").policy
        self.bucket.grant(self._reader, Access(get=(f"{PREFIX}/*",), names=(f"{PREFIX}/*",)))
        self._grant_find(self._reader)

    @property
    def settings(self) -> dict[str, object]:
        """What the environment of a function that answers says of it."""
        if self.bucket is None:
            return {}
        return {
            "capture_bucket": self.bucket.bucket_name,
            "capture_share": self._capture.share,
            "capture_models": self._capture.models,
            "capture_redact": self._capture.redact,
            "capture_bytes": self._capture.max_kb * 1024,
        }

    @property
    def outputs(self) -> dict[str, str]:
        """What readers need to know, by its name among the stack's outputs."""
        if self.bucket is None:
            return {}
        return {"CaptureBucket": self.bucket.bucket_name, "CaptureReaderPolicyArn": self._reader.managed_policy_arn}

    def grant_add(self, role: iam.Role, model: str | None) -> None:
        """Let a function add requests that are kept; it can read none.

        Args:
            model: the only one that it answers for; None: it answers for all.
        """
        kept = self._capture.models or ("*",)
        if model:
            kept = (model,) if {model, "*"} & {*kept} else ()
        if self.bucket is not None:
            self.bucket.grant(role, Access(put=tuple(f"{PREFIX}/{each}/*" for each in kept)))

    def _grant_find(self, reader: iam.ManagedPolicy) -> None:
        """Let a reader look up what the bucket is called."""
        stack = f"{Stack.of(self).stack_name}/*"
        arn = Stack.of(self).format_arn(service="cloudformation", resource="stack", resource_name=stack)
        reader.add_statements(iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[arn]))
        shown = f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/{stack}"
        acknowledge(reader, {f"AwsSolutions-IAM5[Resource::{shown}]": STACK_UNNAMED})
