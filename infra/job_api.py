"""The paths of jobs on the REST API: for callers as the stage lets them in, and for operators, who sign."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.cors import add_preflight
from infra.stages import Stage

# Any other method of these paths, and the paths between them, fall through to /v1/{proxy+}.
CALLERS = {
    "/v1/models/{name}/jobs": ("GET", "POST"),
    "/v1/jobs": ("GET",),
    "/v1/jobs/{id}": ("GET", "DELETE"),
}
OPERATORS = {"/admin/jobs": ("ANY",), "/admin/jobs:redrive": ("POST",), "/admin/jobs/{proxy+}": ("ANY",)}


class JobApi(Construct):
    """Paths of a REST API that lead to the function of jobs; below those that its callers may call anyway."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        api: apigateway.RestApi,
        handler: lambda_.IFunction,
        callers: Mapping[str, Any],
    ) -> None:
        """Define the paths.

        Args:
            callers: what a method asks of who calls predictions.
        """
        super().__init__(scope, name)
        # One permission for the whole API: a function's policy has room for a few dozen methods only.
        to_handler = apigateway.LambdaIntegration(handler, scope_permission_to_method=False)
        for path, methods in _paths(stage).items():
            resource = api.root.resource_for_path(path)
            for method in methods:
                resource.add_method(method, to_handler, **callers)
            add_preflight(resource, origins=stage.cors_origins, methods=methods)
        signed: Mapping[str, Any] = {"authorization_type": apigateway.AuthorizationType.IAM, "api_key_required": False}
        for path, methods in OPERATORS.items():
            for method in methods:
                api.root.resource_for_path(path).add_method(method, to_handler, **signed)


def _paths(stage: Stage) -> Mapping[str, tuple[str, ...]]:
    """With those of models whose other paths lead to a function of their own: API Gateway prefers the name that stands
    there to a parameter, and would hand their jobs to that function."""
    routed = [model for model, own in stage.functions.items() if own.routed]
    named = {path.replace("{name}", model): methods for path, methods in CALLERS.items() for model in routed}
    return {**CALLERS, **named}
