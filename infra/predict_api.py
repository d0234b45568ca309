"""The real-time API: API Gateway in front of a function, with keys, limits and logs."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.cors import add_preflight
from infra.custom_domain import CustomDomain, address
from infra.gateway_calls import grant_calls
from infra.gateway_responses import add_gateway_responses
from infra.log_group import LogGroup
from infra.private_api import PrivateApi
from infra.resource_policy import resource_policy
from infra.stages import Stage
from infra.usage_plans import UsagePlans
from infra.web_acl import WebAcl

GUARDED = {"/v1/{proxy+}": "ANY", "/v2": "ANY", "/v2/{proxy+}": "ANY"}
HEALTH = {"/v2/health/live": "GET", "/v2/health/ready": "GET"}
DOCS = {"/docs": "GET", "/docs/{proxy+}": "GET", "/openapi.json": "GET"}
# Who called what, and how it went; neither payloads nor the key itself, which $context.identity.apiKey would show, nor
# the path as it came, in which a caller may have written anything: the function's line has the model.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "xrayTraceId": "$context.xrayTraceId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.userArn",
    "apiKeyId": "$context.identity.apiKeyId",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationStatus": "$context.integration.status",
    "error": "$context.error.responseType",
}
LOG_POLICY = "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
ACCEPTED = {
    "AwsSolutions-APIG2": "Bodies come as JSON, as binary tensors or compressed, which API Gateway cannot check; "
    "the function checks every one of them against the model's own signature.",
    "AwsSolutions-APIG4": "Only health, and the docs and the console's page where the stage opens them, answer anyone; "
    "predictions take an API key, a signature of AWS IAM or both, as the stage says, the lifecycle always a signature.",
    "AwsSolutions-COG4": "Callers are programs: they show an API key or sign with AWS IAM, there are no users to pool.",
    f"AwsSolutions-IAM4[Policy::{LOG_POLICY}]": "The policy that AWS made for this one role, by which API Gateway "
    "writes the logs of all APIs of an account.",
}

NO_ACL = {
    "AwsSolutions-APIG3": "A web ACL is paid for by the month, used or not; throttles, quotas and reserved concurrency "
    "bound what a flood can cost."
}


class PredictApi(Construct):
    """A REST API whose paths all lead to one function, under the stage's rules on who may call and how often."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, handler: lambda_.IFunction) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._private = PrivateApi(self, "Private", stage=stage)
        self.api = self._gateway()
        self._domain = CustomDomain(self, "Domain", domain=stage.domain, api=self.api)
        WebAcl(self, "Firewall", stage=stage, api=self.api)
        self.origin, self.url = address(stage.domain, self._private.host(self.api), stage.name)
        """What its own pages come from, and what its paths are below."""
        self.keys = UsagePlans(self, "Keys", api=self.api, stage=stage) if stage.needs_key else None
        # One permission for the whole API: a function's policy has room for a few dozen methods only.
        to_handler = apigateway.LambdaIntegration(handler, scope_permission_to_method=False)
        signature = apigateway.AuthorizationType.IAM if stage.needs_signature else apigateway.AuthorizationType.NONE
        self.callers = {"authorization_type": signature, "api_key_required": stage.needs_key}
        """What a method asks of who calls predictions."""
        self.anyone = {"authorization_type": apigateway.AuthorizationType.NONE, "api_key_required": False}
        self._route(GUARDED, to_handler, self.callers)
        self._route(HEALTH, to_handler, self.anyone)
        self._route(DOCS, to_handler, self.anyone if stage.open_docs else self.callers)
        add_gateway_responses(self.api, stage=stage)

    @property
    def outputs(self) -> dict[str, str]:
        """What callers need to know, by its name among the stack's outputs."""
        target = {"DomainTarget": self._domain.target} if self._domain.target else {}
        return {"ApiUrl": self.url} | target | (self.keys.outputs if self.keys else {})

    def grant_invoke(self, grantee: iam.Role | iam.ManagedPolicy) -> None:
        """Let a principal call every path, where the stage asks for a signature."""
        grant_calls(grantee, self.api, self._stage.name, (*GUARDED, *DOCS))

    def _gateway(self) -> apigateway.RestApi:
        api = apigateway.RestApi(
            self,
            "Gateway",
            rest_api_name=f"ortless-{self._stage.name}",
            endpoint_configuration=self._private.configuration,
            disable_execute_api_endpoint=self._stage.domain.disable_execute_api_endpoint or None,
            policy=resource_policy(self._stage.allowed, self._private.endpoints, self._stage.name),
            # A client need not say what it sends or accepts: bodies pass through unchanged, tensors among them.
            binary_media_types=["*/*"],
            # An account has one role for the logs of all its APIs: it outlives the stack that set it.
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=self._limits_and_logs(),
        )
        # API Gateway would make this group by itself, and keep it for ever.
        group = f"API-Gateway-Execution-Logs_{api.rest_api_id}/{self._stage.name}"
        api.deployment_stage.node.add_dependency(LogGroup(self, "ExecutionLogs", stage=self._stage, group=group))
        api.node.try_remove_child("Endpoint")  # an output that says again what ApiUrl says
        acknowledge(api, ACCEPTED | ({} if self._stage.web_acl.enabled else NO_ACL))
        return api

    def _limits_and_logs(self) -> apigateway.StageOptions:
        return apigateway.StageOptions(
            stage_name=self._stage.name,
            throttling_rate_limit=self._stage.throttle.rate,
            throttling_burst_limit=self._stage.throttle.burst,
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            tracing_enabled=self._stage.tracing,
            access_log_destination=apigateway.LogGroupLogDestination(LogGroup(self, "AccessLogs", stage=self._stage)),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
        )

    def _route(self, paths: Mapping[str, str], integration: apigateway.Integration, shown: Mapping[str, Any]) -> None:
        for path, method in paths.items():
            resource = self.api.root.resource_for_path(path)
            resource.add_method(method, integration, **shown)
            add_preflight(resource, origins=self._stage.cors_origins)
