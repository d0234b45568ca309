"""A private API: which VPC endpoints lead to it."""

from dataclasses import dataclass

from infra.setting import texts

CIDR = r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}"
ENDPOINT = r"vpce-[0-9a-f]{8,17}"


@dataclass(frozen=True)
class PrivateAccess:
    """An API that the internet does not reach: only what comes by these endpoints is answered. Empty: it is public."""

    vpc_endpoints: tuple[str, ...] = texts("ids of VPC endpoints", ENDPOINT)
    """Interface endpoints to `execute-api` that there are."""
    caller_cidrs: tuple[str, ...] = texts('ranges of addresses such as "10.0.0.0/16"', CIDR)
    """Make an endpoint in the subnets of `vpc`, and let these addresses speak to it."""

    @property
    def wanted(self) -> bool:
        """Whether the API is private."""
        return bool(self.vpc_endpoints or self.caller_cidrs)
