"""The paths of models that have a function of their own, on the REST API."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.cors import add_preflight
from infra.predict_api import PredictApi
from infra.predictors import Predictor, Predictors
from infra.stages import Stage

# API Gateway prefers a name to a parameter, and that to the rest of a path. What is not here, lists among it, goes on
# to /v1/{proxy+} and /v2/{proxy+}; the jobs of a model are in infra/job_api.py.
OWN = (
    "/v1/models/{name}",
    "/v1/models/{name}:predict",
    "/v1/models/{name}:explain",
    "/v1/models/{name}/{proxy+}",
    "/v2/models/{name}",
    "/v2/models/{name}/{proxy+}",
    "/v2/repository/models/{name}/{proxy+}",
)


class ModelPaths(Construct):
    """Everything that is asked of one model leads to the function that it has for itself."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, api: PredictApi, predictors: Predictors) -> None:
        super().__init__(scope, name)
        for predictor in predictors.own:
            if predictor.model and stage.functions[predictor.model].routed:
                self._route(predictor, predictor.model, stage, api)

    def _route(self, predictor: Predictor, model: str, stage: Stage, api: PredictApi) -> None:
        # One permission for the whole API: a function's policy has room for a few dozen methods only.
        to_function = apigateway.LambdaIntegration(predictor.live, scope_permission_to_method=False)
        resources = [api.api.root.resource_for_path(path.replace("{name}", model)) for path in OWN]
        callers: Mapping[str, Any] = api.callers
        methods = [resource.add_method("ANY", to_function, **callers) for resource in resources]
        allowed = _permissions(api.api, predictor)
        for resource, method in zip(resources, methods, strict=True):
            # A deployment of the API waits for its methods, and they for the API's being allowed what they ask for.
            method.node.add_dependency(*allowed)
            add_preflight(resource, origins=stage.cors_origins)


def _permissions(api: apigateway.RestApi, predictor: Predictor) -> list[lambda_.CfnPermission]:
    permissions = (child for child in api.node.children if isinstance(child, lambda_.CfnPermission))
    return [each for each in permissions if each.function_name == predictor.live.function_arn]
