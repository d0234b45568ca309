"""A Lambda function: the one place that chooses between a container image and the working tree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.log_group import LogGroup
from infra.stages import Stage

INFRA = Path(__file__).parent
ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}
# The build context is the repository, without everything that an image is not made of: only the rest renews it.
UNUSED = ["*", "!functions", "!model_artifacts", "model_artifacts/*/*.py", "**/__pycache__", "**/.*"]


class Function(Construct):
    """What functions/<service> does, with a role and logs of its own, and the alias `live` on a published version."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, service: str, environment: Mapping[str, str]
    ) -> None:
        super().__init__(scope, name)
        logs = LogGroup(self, "Logs", stage=stage)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        logs.grant_write(self.role)
        self.function = PACKAGINGS[stage.packaging](
            self,
            service,
            role=self.role,
            log_group=logs,
            architecture=ARCHITECTURES[stage.architecture],
            memory_size=stage.memory_mb,
            timeout=Duration.seconds(stage.timeout_seconds),
            reserved_concurrent_executions=stage.reserved_concurrency,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if stage.snap_start else None,
            environment=environment,
        )
        self.live = lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=stage.provisioned_concurrency or None,
        )


def _image(scope: Construct, service: str, **settings: Any) -> lambda_.Function:
    # The platform follows the architecture. The CDK's command line builds without the attestations that Lambda refuses.
    code = lambda_.DockerImageCode.from_image_asset(
        str(INFRA.parent), file="functions/Dockerfile", target=service, cmd=[_handler(service)], exclude=UNUSED
    )
    return lambda_.DockerImageFunction(scope, "Function", code=code, **settings)


def _working_tree(scope: Construct, service: str, **settings: Any) -> lambda_.Function:
    code = lambda_.Code.from_asset(str(INFRA / "working_tree"))
    runtime = lambda_.Runtime.PROVIDED_AL2023
    return lambda_.Function(scope, "Function", code=code, handler=_handler(service), runtime=runtime, **settings)


def _handler(service: str) -> str:
    return f"functions.{service}.handler.handler"


PACKAGINGS = {"image": _image, "working-tree": _working_tree}
