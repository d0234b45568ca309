"""The lifecycle's paths on the REST API: signed with AWS IAM in every stage, by no key and from no web page."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.gateway_calls import grant_calls
from infra.stages import Stage

PATHS = ("/admin", "/admin/{proxy+}")


class AdminApi(Construct):
    """Paths of a REST API that lead to the function of the lifecycle; IAM says who may call each."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, api: apigateway.RestApi, handler: lambda_.IFunction
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._api = api
        # One permission for the whole API: a function's policy has room for a few dozen methods only.
        to_handler = apigateway.LambdaIntegration(handler, scope_permission_to_method=False)
        for path in PATHS:
            api.root.resource_for_path(path).add_method(
                "ANY", to_handler, authorization_type=apigateway.AuthorizationType.IAM, api_key_required=False
            )

    def grant_invoke(self, grantee: iam.Role | iam.ManagedPolicy) -> None:
        """Let a principal publish, promote, try and roll back."""
        grant_calls(grantee, self._api, self._stage.name, PATHS)
