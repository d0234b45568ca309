"""The console: its function, what that may read, and its paths on the REST API."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra import registry_access as registry
from infra.acknowledgements import acknowledge
from infra.function import Function
from infra.gateway_calls import grant_calls
from infra.job_buckets import JobBuckets
from infra.model_store import ModelStore
from infra.predict_api import PredictApi
from infra.stages import Stage
from infra.workload import CONSOLE

PAGE = ("/", "/console", "/console/{proxy+}")
ASKED = "/console/api/{proxy+}"
METRICS = "CloudWatch knows no permission for some metrics only; nothing in them was ever asked or answered."


class Console(Construct):
    """A page for anyone, or for callers where the stage closes it, and what it reads for callers alone."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, api: PredictApi, models: ModelStore, buckets: JobBuckets
    ) -> None:
        super().__init__(scope, name)
        self._stage, self._api = stage, api
        self.page = Function(self, "Page", stage=stage, work=CONSOLE, settings=_told(stage, models, buckets))
        models.grant(self.page.role, registry.CONSOLE)
        self._grant_metrics()
        if api.keys:
            self._grant_usage(api.keys.plans)
        # One permission for the whole API: a function's policy has room for a few dozen methods only.
        to_page = apigateway.LambdaIntegration(self.page.live, scope_permission_to_method=False)
        callers: Mapping[str, Any] = api.callers
        visitors: Mapping[str, Any] = api.anyone if stage.open_console else callers
        for path in PAGE:
            api.api.root.resource_for_path(path).add_method("GET", to_page, **visitors)
        api.api.root.resource_for_path(ASKED).add_method("GET", to_page, **callers)

    def grant_invoke(self, grantee: iam.Role | iam.ManagedPolicy) -> None:
        """Let a principal call every path, where the stage asks for a signature."""
        grant_calls(grantee, self._api.api, self._stage.name, PAGE)

    def _grant_metrics(self) -> None:
        actions = ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
        iam.Grant.add_to_principal(grantee=self.page.role, actions=actions, resource_arns=["*"])
        acknowledge(self.page.role, {"AwsSolutions-IAM5[Resource::*]": METRICS})

    def _grant_usage(self, tiers: Sequence[apigateway.UsagePlan]) -> None:
        """Let the function find the plan of its caller, and read what of it is used."""
        # A policy of its own: the function waits for those of its role, the plans for the API's stage, which waits for
        # every method, and these for the function.
        plans = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::/usageplans"
        usage = [plans, *(f"{plans}/{plan.usage_plan_id}/usage" for plan in tiers)]
        statement = iam.PolicyStatement(actions=["apigateway:GET"], resources=usage)
        iam.Policy(self, "Usage", roles=[self.page.role], statements=[statement])


def _told(stage: Stage, models: ModelStore, buckets: JobBuckets) -> dict[str, object]:
    return {
        "model_bucket": models.bucket.bucket_name,
        "input_bucket": buckets.input.bucket_name,
        "output_bucket": buckets.output.bucket_name,
        "stage": stage.name,
        "auth": stage.auth,
        "architecture": stage.architecture,
        "predict_memory_mb": stage.memory_mb,
        **({"own_memory_mb": _own_memory(stage)} if stage.functions else {}),
        "max_job_bytes": stage.job_max_mb * 2**20,
        "refresh_seconds": stage.refresh_seconds,
        **stage.measuring,
    }


def _own_memory(stage: Stage) -> list[str]:
    return [f"{model}={stage.apart(model).memory_mb}" for model, own in stage.functions.items() if own.routed]
