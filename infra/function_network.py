"""The functions' place in a VPC: its subnets, what may pass, and how they reach the services that they call."""

from collections.abc import Mapping
from typing import Any, Self, cast

from aws_cdk import Aws, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from infra.acknowledgements import acknowledge
from infra.network import Network

NAME = "Network"
TLS = ec2.Port.tcp(443)
SERVICES = ("sqs", "states", "lambda", "monitoring", "apigateway")
"""What functions call beside S3: redriven messages, the machine of large files, the validator, alarms and metrics, a
key's plan. Their logs, traces and environment are Lambda's own business, which needs no way out of the VPC."""
INTERFACES = [f"ec2:{action}" for action in (
    "CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets",
    "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
)]  # fmt: skip
ANY_INTERFACE = "Lambda makes the network interfaces, under ids of AWS's; the function's own code is refused all of it."


def vpc_of(scope: Construct, network: Network) -> ec2.IVpc:
    """The VPC by its ids, as far as a template has to know it."""
    zones = [Fn.select(place, Fn.get_azs()) for place in range(len(network.subnets))]
    return ec2.Vpc.from_vpc_attributes(
        scope, "Vpc", vpc_id=cast(str, network.id), availability_zones=zones, private_subnet_ids=list(network.subnets)
    )


class FunctionNetwork(Construct):
    """A security group that nobody may speak to; out of it leads TLS alone."""

    def __init__(self, scope: Construct, *, network: Network) -> None:
        super().__init__(scope, NAME)
        self._vpc = vpc_of(self, network)
        self._group = ec2.SecurityGroup(
            self, "Functions", vpc=self._vpc, description="ortless: functions", allow_all_outbound=False
        )
        self._group.add_egress_rule(ec2.Peer.any_ipv4(), TLS, "AWS, over TLS")
        if network.endpoints:
            self._reach_s3(network)
            self._reach_services(network)

    @classmethod
    def of(cls, construct: IConstruct) -> Self | None:
        """The network of a construct's stack; None where functions are in no VPC."""
        found = Stack.of(construct).node.try_find_child(NAME)
        return found if isinstance(found, cls) else None

    def attached(self, role: iam.Role) -> Mapping[str, Any]:
        """What a function in the VPC is defined with; its role lets Lambda, and not its code, attach it."""
        role.add_to_policy(iam.PolicyStatement(actions=INTERFACES, resources=["*"]))
        role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=INTERFACES,
                resources=["*"],
                conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
            )
        )
        acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": ANY_INTERFACE})
        return {"vpc": self._vpc, "security_groups": [self._group]}

    def _reach_s3(self, network: Network) -> None:
        ec2.CfnVPCEndpoint(
            self,
            "S3",
            vpc_id=cast(str, network.id),
            service_name=f"com.amazonaws.{Aws.REGION}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(network.route_tables),
        )

    def _reach_services(self, network: Network) -> None:
        group = ec2.SecurityGroup(
            self, "Services", vpc=self._vpc, description="ortless: what functions call", allow_all_outbound=False
        )
        group.add_ingress_rule(self._group, TLS, "functions")
        for service in SERVICES:
            ec2.CfnVPCEndpoint(
                self,
                service.capitalize(),
                vpc_id=cast(str, network.id),
                service_name=f"com.amazonaws.{Aws.REGION}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=list(network.subnets),
                security_group_ids=[group.security_group_id],
                private_dns_enabled=True,
            )
