"""CloudFront in front of the console: whether, and under which name."""

from dataclasses import dataclass

from infra.domain import NAME
from infra.setting import choice, flag, text


@dataclass(frozen=True)
class ConsoleCdn:
    """A distribution that keeps the console's files near those who look at it, and hands on what its page asks."""

    enabled: bool = flag(False)
    """The API's own address goes on answering."""
    name: str | None = text('a domain name such as "console.example.com"', NAME)
    """null: a name of CloudFront's. Whoever keeps the zone points it to the output ConsoleTarget."""
    certificate: str | None = text(
        "the ARN of a certificate of ACM in us-east-1", r"arn:aws:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+"
    )
    """Of that name: CloudFront takes certificates of that region only."""
    web_acl: str | None = text(
        "the ARN of a global web ACL of AWS WAF", r"arn:aws:wafv2:us-east-1:\d{12}:global/webacl/[\w-]+/[0-9a-f-]+"
    )
    """A web ACL for CloudFront, which has to be made in us-east-1 and so is none of this stack."""
    price_class: str = choice("PriceClass_100", "PriceClass_100", "PriceClass_200", "PriceClass_All")
    """Where files are kept: North America and Europe; Asia and Africa as well; everywhere."""
