"""The stack of one stage. Its constructor is the architecture: what there is, and who may do what."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra import registry_access as registry
from infra.admin_api import AdminApi
from infra.batch_pipeline import BatchPipeline
from infra.budget import Budget
from infra.canary_alarms import CanaryAlarms
from infra.capture_bucket import CaptureBucket
from infra.console import Console
from infra.console_distribution import ConsoleDistribution
from infra.customer_key import CustomerKey
from infra.drift_access import DriftAccess
from infra.function import Function
from infra.function_network import FunctionNetwork
from infra.job_api import JobApi
from infra.kill_switch import KillSwitch
from infra.model_paths import ModelPaths
from infra.model_store import ModelStore
from infra.monitoring.monitoring import Monitoring
from infra.operator import Operator
from infra.predict_api import PredictApi
from infra.predictors import Predictors
from infra.restore_access import RestoreAccess
from infra.shifting import Shifting
from infra.stages import Stage
from infra.workload import ADMIN, ROLLBACK


class OrtlessStack(Stack):
    """Models in a bucket, a function that serves them, an API in front of it; and what changes which models serve."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, f"ortless-{stage.name}", description="ortless: machine-learning models without servers")
        self._found(stage)
        models = ModelStore(self, "Models", removal=stage.removal, backup=stage.backup)
        alarms = CanaryAlarms(self, "CanaryAlarms", prefix=f"ortless-{stage.name}")
        stored: dict[str, object] = {"model_bucket": models.bucket.bucket_name, **stage.measuring}
        watched = stored | {"alarm_topic": alarms.topic.topic_arn, "alarm_prefix": alarms.prefix}
        capture = CaptureBucket(self, "Capture", stage=stage)
        predictors = Predictors(self, "Own", stage=stage, settings=stored | capture.settings)
        validator = Function(self, "Validator", stage=stage, work=stage.validator, settings=stored)
        rollback = Function(self, "Rollback", stage=stage, work=ROLLBACK, settings=watched)
        validating = {"validator": validator.live.function_arn}
        admin = Function(self, "Admin", stage=stage, work=ADMIN, settings=watched | validating)
        api = PredictApi(self, "Api", stage=stage, handler=predictors.shared.live)
        ModelPaths(self, "ModelPaths", stage=stage, api=api, predictors=predictors)
        lifecycle = AdminApi(self, "AdminApi", stage=stage, api=api.api, handler=admin.live)
        page = ConsoleDistribution(self, "ConsoleCdn", cdn=stage.console_cdn, origin=api.origin, url=api.url)
        batch = BatchPipeline(self, "Batch", stage=stage, models=models, page_origins=page.origins)
        JobApi(self, "JobApi", stage=stage, api=api.api, handler=batch.jobs.live, callers=api.callers)
        switch = KillSwitch(self, "KillSwitch", functions=(*predictors, *batch.workers), fed=batch.workers)
        restoring = RestoreAccess(self, "Restore", models=models, backup=stage.backup)
        drift = DriftAccess(self, "Drift", models=models, functions=(*predictors,))
        Budget(self, "Budget", spending=stage.budget)
        console = Console(self, "Console", stage=stage, api=api, models=models, buckets=batch.buckets)
        monitoring = Monitoring(
            self,
            "Monitoring",
            stage=stage,
            functions=(*predictors, validator, rollback, admin, console.page),
            batch=batch,
            topics={"Canaries": alarms.topic},
        )
        for each in predictors:
            guards, name = monitoring.guards(each), f"Shifting{each.suffix}"
            Shifting(self, name, function=each, shifting=stage.traffic_shifting, alarms=guards)
        operator = Operator(self, "Operator", description="Publish models to ortless and call its API")

        predictors.grant_models(models)
        for each in predictors:
            capture.grant_add(each.role, each.model)
        models.grant(validator.role, registry.VALIDATOR)
        models.grant(rollback.role, registry.ROLLBACK)
        models.grant(admin.role, registry.ADMIN)
        validator.grant_invoke(admin.role)
        alarms.grant_set(admin.role)
        alarms.grant_delete(rollback.role)
        alarms.tell(rollback.live)
        api.grant_invoke(operator.policy)
        batch.grant_use(operator.policy)
        lifecycle.grant_invoke(operator.policy)
        console.grant_invoke(operator.policy)
        self._output(
            {
                **api.outputs,
                **switch.outputs,
                **restoring.outputs,
                **drift.outputs,
                **page.outputs,
                **monitoring.outputs,
                **capture.outputs,
                "ModelBucket": models.bucket.bucket_name,
                "OperatorPolicyArn": operator.policy.managed_policy_arn,
                **predictors.outputs,
                **batch.outputs,
            }
        )

    def _found(self, stage: Stage) -> None:
        """What everything else stands on, where the stage wants it: constructs look here for their key and network."""
        if stage.customer_key:
            key = CustomerKey(self, removal=stage.removal, alias=f"alias/ortless-{stage.name}")
            made = (f"API-Gateway-Execution-Logs_*/{stage.name}", f"aws-waf-logs-ortless-{stage.name}")
            key.admit_logs(f"{self.stack_name}-*", *made)
            key.admit_speakers()
        if stage.vpc.functions:
            FunctionNetwork(self, network=stage.vpc)

    def _output(self, outputs: Mapping[str, str]) -> None:
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
