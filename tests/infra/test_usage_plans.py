"""Tiers: a usage plan each, the stack's own key in the first of them, and who may manage others."""

from typing import Any

import pytest

from tests.infra.assembly import SIGNED, STRICT, Assembly
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import May, granted

GATEWAY = "arn:<AWS::Partition>:apigateway:<AWS::Region>:"


def plans(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """The usage plans by the tier that their tag names."""
    found = assembly.properties("AWS::ApiGateway::UsagePlan")
    return {next(tag["Value"] for tag in plan["Tags"] if tag["Key"] == "ortless:tier"): plan for plan in found}


@pytest.mark.parametrize(("settings", "tiers"), [({}, 1), (SIGNED, 0), (STRICT, 2)], ids=["key", "iam", "both"])
def test_keys_and_plans_exist_where_callers_show_one(
    settings: dict[str, Any], tiers: int, synthesized: Synthesized
) -> None:
    assembly = synthesized("local", **settings)
    kinds = ("UsagePlan", "ApiKey", "UsagePlanKey")
    counts = [len(assembly.resources(f"AWS::ApiGateway::{kind}")) for kind in kinds]
    assert counts == [tiers, min(tiers, 1), min(tiers, 1)]
    outputs = {"ApiKeyId", "KeyOperatorPolicyArn"} & assembly.template["Outputs"].keys()
    assert len(outputs) == (2 if tiers else 0)


def test_a_key_is_limited_as_its_tier_says(synthesized: Synthesized) -> None:
    found = plans(synthesized("prod"))
    assert {name: plan["Throttle"] for name, plan in found.items()} == {
        "default": {"RateLimit": 100, "BurstLimit": 200},
        "pro": {"RateLimit": 500, "BurstLimit": 1000},
    }
    assert [plan["Quota"]["Limit"] for plan in found.values()] == [10_000_000, 100_000_000]
    assert {plan["UsagePlanName"] for plan in found.values()} == {"ortless-prod-default", "ortless-prod-pro"}


def test_a_tier_can_do_without_a_quota(synthesized: Synthesized) -> None:
    found = plans(synthesized("local", **STRICT))
    assert "Quota" not in found["default"]
    assert found["pro"]["Quota"] == {"Limit": 5, "Period": "DAY"}


def test_no_template_has_the_value_of_a_key(synthesized: Synthesized) -> None:
    key = synthesized("prod").only("AWS::ApiGateway::ApiKey")
    assert "Value" not in key
    assert {tag["Key"]: tag["Value"] for tag in key["Tags"]} == {
        "ortless:name": "stack",
        "ortless:stage": "prod",
        "ortless:tier": "default",
    }


def test_a_key_operator_may_change_keys_of_this_stage_only_and_plans_only_by_their_keys(
    synthesized: Synthesized,
) -> None:
    mine = "StringEquals"
    quoted = "arn%3A<AWS::Partition>%3Aapigateway%3A<AWS::Region>%3A%3A%2Fapikeys%2F"
    plan = f"{GATEWAY}:/usageplans/<ApiGatewayUsagePlan58BC0D35>/keys"
    assert granted(synthesized("dev"), "ApiKeysOperator", "AWS::IAM::ManagedPolicy") == [
        May(["apigateway:GET"], [f"{GATEWAY}:/apikeys", f"{GATEWAY}:/usageplans", plan]),
        May(["apigateway:POST"], [f"{GATEWAY}:/apikeys"], {mine: {"aws:RequestTag/ortless:stage": "dev"}}),
        May(["apigateway:PUT"], [f"{GATEWAY}:/tags/{quoted}*"]),
        May(
            ["apigateway:DELETE", "apigateway:PATCH"],
            [f"{GATEWAY}:/apikeys/*"],
            {mine: {"aws:ResourceTag/ortless:stage": "dev"}},
        ),
        May(["apigateway:POST"], [plan]),
        May(["apigateway:DELETE"], [f"{plan}/*"]),
        May(["ssm:PutParameter"], ["arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/ortless/dev/*"]),
        May(
            ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"],
            ["arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:ortless/dev/*"],
        ),
    ]
