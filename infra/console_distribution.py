"""CloudFront in front of the console: its files are kept near who looks, everything else is handed on as it comes."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.console_cdn import ConsoleCdn

FILES = "*/console/assets/*"
"""Their path has a digest of all of them in it, so that they can be kept for as long as they say."""
ACCEPTED = {
    "AwsSolutions-CFR1": "Who may call the API is decided by keys, not by where somebody is.",
    "AwsSolutions-CFR3": "The API's own log has every request that is handed on; what is not are the console's files, "
    "which are public. A log bucket would be one more thing to secure.",
}
NO_ACL = "A web ACL for CloudFront has to be made in us-east-1; a stage names it where there is one."
NO_NAME = "CloudFront's own certificate decides that; with a name and a certificate of the stage's it is TLS 1.2."


class ConsoleDistribution(Construct):
    """A distribution before the API; nothing where the stage wants none."""

    def __init__(self, scope: Construct, name: str, *, cdn: ConsoleCdn, origin: str, url: str) -> None:
        """Define the distribution.

        Args:
            cdn: what the stage says of it.
            origin: scheme and host of the API.
            url: what the API's paths are below.
        """
        super().__init__(scope, name)
        self.url = url
        """What the console's path is below."""
        self.origins: tuple[str, ...] = (origin,)
        """What the console's page may come from."""
        self.target: str | None = None
        """What a name of the stage's own has to lead to."""
        if not cdn.enabled:
            return
        made = self._distribution(cdn, origin.removeprefix("https://"))
        here = f"https://{cdn.name or made.distribution_domain_name}"
        self.url = url.replace(origin, here)
        self.origins = (origin, here)
        self.target = made.distribution_domain_name if cdn.name else None

    @property
    def outputs(self) -> dict[str, str]:
        """What a person needs to know, by its name among the stack's outputs."""
        return {"ConsoleUrl": f"{self.url}/console"} | ({"ConsoleTarget": self.target} if self.target else {})

    def _distribution(self, cdn: ConsoleCdn, host: str) -> cloudfront.Distribution:
        # API Gateway has no origin access control: the API is called directly as well, and asks for a key either way.
        api = origins.HttpOrigin(
            host,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        )
        made = cloudfront.Distribution(
            self,
            "Distribution",
            comment="ortless: the console",
            domain_names=[cdn.name] if cdn.name else None,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", cdn.certificate)
            if cdn.certificate
            else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            price_class=getattr(cloudfront.PriceClass, cdn.price_class.upper().replace("PRICECLASS", "PRICE_CLASS")),
            web_acl_id=cdn.web_acl,
            default_behavior=_handed_on(api),
            additional_behaviors={FILES: _kept(api)},
        )
        missing = ({} if cdn.web_acl else {"AwsSolutions-CFR2": NO_ACL}) | (
            {} if cdn.name else {"AwsSolutions-CFR4": NO_NAME}
        )
        acknowledge(made, ACCEPTED | missing)
        return made


def _handed_on(api: origins.HttpOrigin) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=api,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
        cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
        # API Gateway finds the API by the host: it has to be its own.
        origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    )


def _kept(api: origins.HttpOrigin) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=api,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
        response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
    )
