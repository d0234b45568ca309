"""Whom the API lets in at all, before anybody looks at a key or a signature."""

from dataclasses import dataclass

from infra.private_access import CIDR, ENDPOINT
from infra.setting import texts


@dataclass(frozen=True)
class Admission:
    """The API's resource policy. What is empty does not matter; nothing here replaces a key or a signature."""

    cidrs: tuple[str, ...] = texts('ranges of addresses such as "203.0.113.0/24"', CIDR)
    """Everybody who calls from elsewhere is refused, the owner's own account included."""
    vpc_endpoints: tuple[str, ...] = texts("ids of VPC endpoints", ENDPOINT)
    """Endpoints of other accounts and VPCs that may reach a private API beside its own."""
    accounts: tuple[str, ...] = texts("ids of accounts: 12 digits", r"\d{12}")
    """Other accounts, whose own policies then say who of them signs requests; never for the lifecycle's paths."""
