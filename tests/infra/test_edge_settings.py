"""Settings of network and edge that cannot be, alone or together, and how their refusal reads."""

from typing import Any

import pytest

from infra.setting import InvalidStage
from infra.stages import Stage
from tests.infra.edge_stages import PRIVATE, PUBLIC

NAMED = {key: PUBLIC["domain"][key] for key in ("name", "certificate")}
VPC = {"id": "vpc-0123456789abcdef0", "subnets": ["subnet-0123456789abcdef0"]}
ENDPOINT = ["vpce-0123456789abcdef0"]


def read(**settings: Any) -> Stage:
    return Stage.read("dev", {"dev": settings})


@pytest.mark.parametrize("settings", [PUBLIC, PRIVATE])
def test_stages_with_everything_on_can_be_read(settings: dict[str, Any]) -> None:
    assert read(**settings).customer_key is True


def test_everything_is_off_unless_a_stage_asks() -> None:
    stage = read()
    asked = (stage.customer_key, stage.web_acl.enabled, stage.console_cdn.enabled, stage.private.wanted)
    assert asked == (False, False, False, False)
    assert (stage.domain.name, stage.vpc.id, stage.vpc.functions, stage.allowed.cidrs) == (None, None, False, ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"domain": {"name": "models.example.com"}},
            'Expected both or neither of name and certificate - got "models.example.com" - at `stages.dev.domain`',
        ),
        (
            {"domain": {**NAMED, "hosted_zone_id": "Z0123"}},
            'Expected both or neither of hosted_zone_id and hosted_zone_name - got "Z0123" - at `stages.dev.domain`',
        ),
        (
            {"domain": {**NAMED, "hosted_zone_id": "Z0123", "hosted_zone_name": "ample.com"}},
            'Expected a name in the zone ample.com - got "models.example.com" - at `stages.dev.domain.name`',
        ),
        (
            {"domain": {"disable_execute_api_endpoint": True}},
            "Expected a name beside what is said of it - got null - at `stages.dev.domain`",
        ),
        (
            {"domain": {"security_policy": "TLS_1_0"}},
            'Expected one of "TLS_1_2", "SecurityPolicy_TLS13_1_2_PQ_2025_09", "SecurityPolicy_TLS13_1_2_PFS_PQ_'
            '2025_09", "SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_1_3_FIPS_2025_09" - '
            'got "TLS_1_0" - at `stages.dev.domain.security_policy`',
        ),
        (
            {"domain": NAMED, "private": {"vpc_endpoints": ENDPOINT}},
            'Expected null where the API is private - got "models.example.com" - at `stages.dev.domain.name`',
        ),
        (
            {"vpc": {"id": VPC["id"]}},
            'Expected both or neither of id and subnets - got "vpc-0123456789abcdef0" - at `stages.dev.vpc`',
        ),
        (
            {"vpc": {"functions": True}},
            "Expected a VPC beside functions - got null - at `stages.dev.vpc.id`",
        ),
        (
            {"vpc": {**VPC, "endpoints": True, "functions": True}},
            "Expected false without functions and route_tables - got true - at `stages.dev.vpc.endpoints`",
        ),
        (
            {"private": {"caller_cidrs": ["10.0.0.0/8"]}},
            "Expected a VPC beside private.caller_cidrs - got null - at `stages.dev.vpc.id`",
        ),
        (
            {"allowed": {"vpc_endpoints": ENDPOINT}},
            f'Expected none where the API is public - got ["{ENDPOINT[0]}"] - at `stages.dev.allowed.vpc_endpoints`',
        ),
        (
            {"allowed": {"accounts": ["123456789012"]}},
            'Expected none where auth is "key": nobody signs - got ["123456789012"] - at `stages.dev.allowed.accounts`',
        ),
        (
            {"console_cdn": {"enabled": True}, "private": {"vpc_endpoints": ENDPOINT}},
            "Expected false where the API is private: CloudFront is not in the VPC - "
            "got true - at `stages.dev.console_cdn.enabled`",
        ),
        (
            {"console_cdn": {"enabled": True}, "auth": "both"},
            'Expected false where auth is not "key": a signature holds for one host only - '
            "got true - at `stages.dev.console_cdn.enabled`",
        ),
        (
            {"console_cdn": {"enabled": True}, "open_console": False},
            "Expected false where open_console is: what it keeps is for anyone - "
            "got true - at `stages.dev.console_cdn.enabled`",
        ),
        (
            {"console_cdn": {"enabled": True}, "allowed": {"cidrs": ["203.0.113.0/24"]}},
            "Expected false beside allowed.cidrs: CloudFront has addresses of its own - "
            "got true - at `stages.dev.console_cdn.enabled`",
        ),
        (
            {"console_cdn": {"name": "a.example", "certificate": PUBLIC["console_cdn"]["certificate"]}},
            "Expected true beside what is said of it - got false - at `stages.dev.console_cdn.enabled`",
        ),
        (
            {"console_cdn": {"enabled": True, "name": "a.example"}},
            'Expected both or neither of name and certificate - got "a.example" - at `stages.dev.console_cdn`',
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_allowed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidStage) as refusal:
        read(**settings)
    assert str(refusal.value) == f"{message} in cdk.json"
