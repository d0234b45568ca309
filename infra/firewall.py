"""The firewall: whether a web ACL stands before the API, and what one address may ask."""

from dataclasses import dataclass

from infra.setting import flag, whole


@dataclass(frozen=True)
class Firewall:
    """A regional web ACL of AWS WAF: rules that AWS keeps up to date, and a limit for each address."""

    enabled: bool = flag(False)
    """It is paid for by the month, used or not."""
    rate_limit: int = whole(3000, 10, 2_000_000_000)
    """Requests of one IP address in five minutes; what is beyond is refused until there are fewer. Callers behind one
    NAT share an address."""
    logs: bool = flag(False)
    """Log every request that a rule blocked or counted, without its API key and signature; else metrics alone."""
