"""A VPC that there is: by ids, so that a synthesis looks nothing up."""

from dataclasses import dataclass

from infra.setting import flag, text, texts


@dataclass(frozen=True)
class Network:
    """A VPC of the account and what of the stage is put into it."""

    id: str | None = text("the id of a VPC", r"vpc-[0-9a-f]{8,17}")
    """null: nothing is in a VPC."""
    subnets: tuple[str, ...] = texts("ids of subnets", r"subnet-[0-9a-f]{8,17}")
    """Private ones, best in two zones at least: each zone is paid for by every interface endpoint."""
    functions: bool = flag(False)
    """Run the functions there. They reach AWS by the VPC's routes and endpoints only."""
    endpoints: bool = flag(False)
    """Make the endpoints of what they call. false: the VPC has them, or a NAT gateway. An interface endpoint takes over
    its service's name in the whole VPC, so that a VPC can have only one for each."""
    route_tables: tuple[str, ...] = texts("ids of route tables", r"rtb-[0-9a-f]{8,17}")
    """Of those subnets: they get the route to S3."""
