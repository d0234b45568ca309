"""The firewall: what it blocks, what it only counts, and what its log does not show."""

from typing import Any

import pytest

from infra.app import default_context
from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import PRIVATE, PUBLIC

GROUPS = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
]


@pytest.fixture
def assembly(synthesized: Synthesized) -> Assembly:
    return synthesized("dev", **PUBLIC)


def managed(assembly: Assembly) -> dict[str, Any]:
    rules = assembly.only("AWS::WAFv2::WebACL")["Rules"]
    found = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in rules]
    return {group["Name"]: group for group in found if group}


def test_it_is_regional_lets_pass_what_no_rule_blocks_and_stands_before_the_stage(assembly: Assembly) -> None:
    acl = assembly.only("AWS::WAFv2::WebACL")
    assert (acl["Scope"], acl["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    association = assembly.only("AWS::WAFv2::WebACLAssociation")
    (name,) = assembly.resources("AWS::WAFv2::WebACL")
    assert association["WebACLArn"] == {"Fn::GetAtt": [name, "Arn"]}
    (stage,) = assembly.resources("AWS::ApiGateway::Stage")
    arn = f"arn:<AWS::Partition>:apigateway:<AWS::Region>::/restapis/<ApiGatewayED308F4C>/stages/<{stage}>"
    assert shown(association["ResourceArn"]) == arn


def test_the_groups_of_aws_are_asked_in_order_and_their_own_actions_hold(assembly: Assembly) -> None:
    rules = assembly.only("AWS::WAFv2::WebACL")["Rules"]
    assert [(rule["Name"], rule["Priority"]) for rule in rules] == list(zip([*GROUPS, "rate"], range(4), strict=True))
    assert all(rule["OverrideAction"] == {"None": {}} for rule in rules[:-1])
    assert all(group["VendorName"] == "AWS" for group in managed(assembly).values())


def test_no_rule_blocks_for_what_is_in_a_body_or_how_large_it_is(assembly: Assembly) -> None:
    counted = {
        override["Name"]
        for group in managed(assembly).values()
        for override in group.get("RuleActionOverrides", [])
        if override["ActionToUse"] == {"Count": {}}
    }
    common = {f"{name}_BODY" for name in ("SizeRestrictions", "CrossSiteScripting", "GenericLFI", "GenericRFI")}
    assert counted == common | {
        "EC2MetaDataSSRF_BODY",
        "NoUserAgent_HEADER",
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
    }


def test_one_address_is_blocked_beyond_the_stages_rate(assembly: Assembly) -> None:
    limit = assembly.only("AWS::WAFv2::WebACL")["Rules"][-1]
    assert limit["Action"] == {"Block": {}}
    assert limit["Statement"] == {
        "RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 600, "EvaluationWindowSec": 300}
    }


def test_every_rule_is_measured_and_no_request_is_kept_as_a_sample(assembly: Assembly) -> None:
    acl = assembly.only("AWS::WAFv2::WebACL")
    seen = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
    assert [(it["CloudWatchMetricsEnabled"], it["SampledRequestsEnabled"]) for it in seen] == [(True, False)] * 5
    assert len({it["MetricName"] for it in seen}) == 5


def test_its_log_shows_neither_keys_nor_signatures_and_only_what_a_rule_matched(assembly: Assembly) -> None:
    logging = assembly.only("AWS::WAFv2::LoggingConfiguration")
    assert [field["SingleHeader"]["Name"] for field in logging["RedactedFields"]] == [
        "x-api-key",
        "authorization",
        "x-amz-security-token",
    ]
    group = assembly.named("AWS::Logs::LogGroup", "ApiFirewallLogs")
    assert (group["LogGroupName"], group["RetentionInDays"]) == ("aws-waf-logs-ortless-dev", 14)
    (destination,) = logging["LogDestinationConfigs"]
    assert not shown(destination).endswith("*")
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"


def test_a_private_api_can_have_one_without_a_log(synthesized: Synthesized) -> None:
    private = synthesized("dev", **PRIVATE)
    assert len(private.resources("AWS::WAFv2::WebACLAssociation")) == 1
    assert private.resources("AWS::WAFv2::LoggingConfiguration") == {}


@pytest.mark.parametrize("stage", default_context()["stages"])
def test_no_stage_pays_for_one_unasked(stage: str, synthesized: Synthesized) -> None:
    assert not [it for it in synthesized(stage).template["Resources"].values() if it["Type"].startswith("AWS::WAFv2")]
