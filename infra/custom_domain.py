"""The API under a name of its own: the name, its certificate, and the path below it."""

from typing import cast

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from infra.domain import LEGACY, Domain

STRICT = "STRICT"
"""Whoever says one name in TLS and another in the request is refused."""


class CustomDomain(Construct):
    """A regional domain name that leads to one stage of an API; nothing where the stage names none."""

    def __init__(self, scope: Construct, name: str, *, domain: Domain, api: apigateway.RestApi) -> None:
        super().__init__(scope, name)
        self.target: str | None = None
        """What the name has to lead to where no hosted zone is known."""
        if domain.name is None:
            return
        made = apigateway.DomainName(
            self,
            "Name",
            domain_name=domain.name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", cast(str, domain.certificate)),
            endpoint_type=apigateway.EndpointType.REGIONAL,
        )
        secure(cast(apigateway.CfnDomainName, made.node.default_child), domain)
        # The API's own policy counts as well, for what comes by the name too.
        if domain.security_policy != LEGACY:
            secure(cast(apigateway.CfnRestApi, api.node.default_child), domain)
        apigateway.BasePathMapping(
            self, "Mapping", domain_name=made, rest_api=api, base_path=domain.base_path, stage=api.deployment_stage
        )
        if domain.hosted_zone_id:
            self._record(domain, made)
        else:
            self.target = made.domain_name_alias_domain_name

    def _record(self, domain: Domain, made: apigateway.DomainName) -> None:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=cast(str, domain.hosted_zone_id), zone_name=cast(str, domain.hosted_zone_name)
        )
        alias = route53.RecordTarget.from_alias(targets.ApiGatewayDomain(made))
        route53.ARecord(self, "Alias", zone=zone, record_name=f"{domain.name}.", target=alias)


def secure(resource: apigateway.CfnDomainName | apigateway.CfnRestApi, domain: Domain) -> None:
    """Ask for the TLS that the stage says."""
    resource.add_property_override("SecurityPolicy", domain.security_policy)
    if domain.security_policy != LEGACY:
        resource.add_property_override("EndpointAccessMode", STRICT)


def address(domain: Domain, host: str, stage: str) -> tuple[str, str]:
    """The origin of the API's pages, and the address that its paths are below.

    Args:
        host: by which the API is called where it has no name of its own.
        stage: what then stands before every path.
    """
    if domain.name is None:
        return f"https://{host}", f"https://{host}/{stage}"
    origin = f"https://{domain.name}"
    return origin, f"{origin}/{domain.base_path}" if domain.base_path else origin
