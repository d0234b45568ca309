"""The way to a private API: the VPC endpoints that lead to it, one of them made if there is none."""

from typing import Any, cast

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.function_network import TLS, vpc_of
from infra.stages import Stage


class PrivateApi(Construct):
    """Nothing where the API is public."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage) -> None:
        super().__init__(scope, name)
        made = [self._endpoint(stage)] if stage.private.caller_cidrs else []
        self.endpoints = [*stage.private.vpc_endpoints, *made]
        """Ids of the endpoints by which callers come; empty: they come from the internet."""

    @property
    def configuration(self) -> apigateway.EndpointConfiguration:
        """Where the API can be reached, as API Gateway takes it."""
        if not self.endpoints:
            return apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL])
        known: Any = [
            ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
                self, f"Known{place}", vpc_endpoint_id=endpoint, port=443
            )
            for place, endpoint in enumerate(self.endpoints)
        ]
        return apigateway.EndpointConfiguration(types=[apigateway.EndpointType.PRIVATE], vpc_endpoints=known)

    def host(self, api: apigateway.RestApi) -> str:
        """The name by which the API is called where it has none of its own.

        With the endpoint in it a private API's name is known to every resolver, and no name of other APIs changes.
        """
        first = f"-{self.endpoints[0]}" if self.endpoints else ""
        return f"{api.rest_api_id}{first}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"

    def _endpoint(self, stage: Stage) -> str:
        vpc = vpc_of(self, stage.vpc)
        group = ec2.SecurityGroup(self, "Callers", vpc=vpc, description="ortless: callers", allow_all_outbound=False)
        for cidr in stage.private.caller_cidrs:
            group.add_ingress_rule(ec2.Peer.ipv4(cidr), TLS, "callers")
        endpoint = ec2.CfnVPCEndpoint(
            self,
            "Endpoint",
            vpc_id=cast(str, stage.vpc.id),
            service_name=f"com.amazonaws.{Aws.REGION}.execute-api",
            vpc_endpoint_type="Interface",
            subnet_ids=list(stage.vpc.subnets),
            security_group_ids=[group.security_group_id],
            # It would take over the names of every other API in the VPC, the public ones as well.
            private_dns_enabled=False,
        )
        return endpoint.ref
