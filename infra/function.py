"""A Lambda function: the one place that chooses between a container image and the working tree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Annotations, Duration, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.core.settings import environment
from infra import prices
from infra.acknowledgements import acknowledge
from infra.customer_key import CustomerKey
from infra.dead_letters import DeadLetters
from infra.function_network import FunctionNetwork
from infra.log_group import LogGroup
from infra.stages import Stage
from infra.workload import Workload

INFRA = Path(__file__).parent
OLDEST_EVENT = Duration.hours(1)
TRACES = "X-Ray takes segments of traces by calls for which AWS knows no resource."
ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}
# The build context is the repository, without everything that an image is not made of: only the rest renews it.
PRIVATE = [f"model_artifacts/*/{name}" for name in ("evaluation.jsonl", "calibration.jsonl", "report.html")]
UNUSED = ["*", "!functions", "!model_artifacts", "model_artifacts/*/*.py", *PRIVATE, "**/__pycache__", "**/.*"]


class Function(Construct):
    """A handler, with a role and logs of its own, and the alias `live` on a published version."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, work: Workload, settings: Mapping[str, object]
    ) -> None:
        """Define the function; its environment tells it the settings."""
        super().__init__(scope, name)
        self.work = work
        self.log_group = logs = LogGroup(self, "Logs", stage=stage)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        logs.grant_write(self.role)
        if stage.tracing:
            acknowledge(self.role, {"AwsSolutions-IAM5[Resource::*]": TRACES})
        waited_for = work.retries is None
        self.dead_letters = None if waited_for else DeadLetters(self, "DeadLetters")
        """What it could not do, where nobody waits for its answer."""
        key, network = CustomerKey.of(self), FunctionNetwork.of(self)
        if key:
            key.grant_environment(self.role)
        if self.dead_letters:
            self.dead_letters.let_send(self.role)
        self.function = PACKAGINGS[stage.packaging](
            self,
            work.module,
            role=self.role,
            log_group=logs,
            architecture=ARCHITECTURES[stage.architecture],
            environment=environment(**settings),
            tracing=lambda_.Tracing.ACTIVE if stage.tracing else None,
            environment_encryption=key,
            dead_letter_queue=self.dead_letters,
            **(network.attached(self.role) if network else {}),
            **_sizes(work),
        )
        self.live = lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=work.provisioned_concurrency or None,
            retry_attempts=work.retries,
            max_event_age=None if waited_for else OLDEST_EVENT,
        )
        self._say_what_stands_ready(stage.architecture, work)

    def grant_invoke(self, grantee: iam.Role) -> None:
        """Let another function call what is published."""
        # The construct's own method of this name grants every version and alias too.
        actions, arns = ["lambda:InvokeFunction"], [self.live.function_arn]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=arns)

    def _say_what_stands_ready(self, architecture: str, work: Workload) -> None:
        if count := work.provisioned_concurrency:
            usd = prices.kept_ready(architecture, work.memory_mb, count)
            said = f"{count} environments of {work.memory_mb} MiB are kept ready: {usd:,.2f} USD a month, busy or not"
            Annotations.of(self).add_info_v2("ortless:kept-ready", said)


def _sizes(work: Workload) -> dict[str, Any]:
    return {
        "memory_size": work.memory_mb,
        "timeout": Duration.seconds(work.timeout_seconds),
        "ephemeral_storage_size": Size.mebibytes(work.disk_mb),
        "reserved_concurrent_executions": work.reserved_concurrency,
        "snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if work.snap_start else None,
    }


def _image(scope: Construct, module: str, **settings: Any) -> lambda_.Function:
    # The platform follows the architecture. The CDK's command line builds without the attestations that Lambda refuses.
    service, handler = module.partition(".")[0], _handler(module)
    code = lambda_.DockerImageCode.from_image_asset(
        str(INFRA.parent), file="functions/Dockerfile", target=service, cmd=[handler], exclude=UNUSED
    )
    return lambda_.DockerImageFunction(scope, "Function", code=code, **settings)


def _working_tree(scope: Construct, module: str, **settings: Any) -> lambda_.Function:
    code = lambda_.Code.from_asset(str(INFRA / "working_tree"))
    runtime = lambda_.Runtime.PROVIDED_AL2023
    return lambda_.Function(scope, "Function", code=code, handler=_handler(module), runtime=runtime, **settings)


def _handler(module: str) -> str:
    return f"functions.{module}.handler"


PACKAGINGS = {"image": _image, "working-tree": _working_tree}
