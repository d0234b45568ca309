"""The stack of one stage. Its constructor is the architecture: what there is, and who may do what."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from functions.core.settings import environment
from infra.function import Function
from infra.model_store import ModelStore
from infra.operator import Operator
from infra.predict_api import PredictApi
from infra.stages import Stage


class OrtlessStack(Stack):
    """Models in a bucket, a function that serves them, an API in front of it."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, f"ortless-{stage.name}", description="ortless: machine-learning models without servers")
        models = ModelStore(self, "Models", removal=stage.removal)
        predict = Function(
            self,
            "Predict",
            stage=stage,
            service="predict",
            environment=environment(
                model_bucket=models.bucket.bucket_name,
                models=stage.models,
                preload=stage.preload,
                refresh_seconds=stage.refresh_seconds,
                deadline_seconds=stage.deadline_seconds,
                cors_origins=stage.cors_origins,
            ),
        )
        api = PredictApi(self, "Api", stage=stage, handler=predict.live)
        operator = Operator(self, "Operator", description="Publish models to ortless and call its API")

        models.grant_read(predict.role)
        models.grant_publish(operator.policy)
        api.grant_invoke(operator.policy)

        outputs = {
            "ApiUrl": api.url,
            "ApiKeyId": api.key and api.key.key_id,
            "ModelBucket": models.bucket.bucket_name,
            "OperatorPolicyArn": operator.policy.managed_policy_arn,
            "PredictFunctionName": predict.function.function_name,
        }
        for name, value in outputs.items():
            if value:
                CfnOutput(self, name, value=value)
