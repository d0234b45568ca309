"""A name of one's own: what the API is called by, and how callers speak to it."""

from dataclasses import dataclass

from infra.setting import choice, flag, text

LEGACY = "TLS_1_2"
POLICIES = (
    LEGACY,
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
)
"""API Gateway's names, from the most lenient: none of them takes less than TLS 1.2."""
NAME = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"


@dataclass(frozen=True)
class Domain:
    """The API under a name of its own, without the stage in its paths. The guide to networks says how it is made."""

    name: str | None = text('a domain name such as "models.example.com"', NAME)
    """null: the API has the address that API Gateway makes."""
    certificate: str | None = text(
        "the ARN of a certificate of ACM", r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+"
    )
    """Of that name, valid, and in the stage's own region."""
    security_policy: str = choice(LEGACY, *POLICIES)
    """TLS that callers have to speak: 1.2 at least; those with `TLS13_1_3` take nothing below 1.3."""
    base_path: str | None = text("a part of a path: letters, digits, hyphens", r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
    """What stands before every path, where several APIs share the name. null: nothing."""
    hosted_zone_id: str | None = text("the id of a hosted zone of Route 53", r"Z[A-Z0-9]{1,31}")
    """The zone that gets the alias record. null: whoever keeps the zone points the name to the output DomainTarget."""
    hosted_zone_name: str | None = text('the name of a zone such as "example.com"', NAME)
    """The name of that zone."""
    disable_execute_api_endpoint: bool = flag(False)
    """Close the address that API Gateway makes, so that nobody goes round the name."""
