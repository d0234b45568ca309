"""The web ACL in front of the API: what AWS WAF looks at, and what it only counts."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.log_group import LogGroup
from infra.stages import Stage

WINDOW_SECONDS = 300
SECRETS = ("x-api-key", "authorization", "x-amz-security-token")
"""Headers of which the log shows nothing."""
REPUTATION, BAD_INPUTS, COMMON = (
    f"AWSManagedRules{name}" for name in ("AmazonIpReputationList", "KnownBadInputsRuleSet", "CommonRuleSet")
)
# A body is what a model is asked, and is checked value by value against the model's signature: tensors are larger than
# the 8 KB from which AWS blocks any body, and binary ones have every byte there is; a text to classify may well speak
# of scripts, paths and addresses, which nothing here runs, opens or fetches. Whoever calls is a program, which need
# not say its name. Such requests get a label and a count, and pass.
COUNTED = {
    REPUTATION: (),
    BAD_INPUTS: ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY"),
    COMMON: (
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "EC2MetaDataSSRF_BODY",
        "NoUserAgent_HEADER",
    ),
}
"""Groups of rules that AWS keeps up to date, as asked one after the other; and those of them that only count."""


class WebAcl(Construct):
    """A regional web ACL that lets pass what no rule blocks; nothing where the stage wants none."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, api: apigateway.RestApi) -> None:
        super().__init__(scope, name)
        if not stage.web_acl.enabled:
            return
        acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name=f"ortless-{stage.name}",
            description="ortless: what does not reach the API",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("acl", stage),
            rules=[
                *(_managed(place, group, counted, stage) for place, (group, counted) in enumerate(COUNTED.items())),
                _limit(len(COUNTED), stage),
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=api.deployment_stage.stage_arn, web_acl_arn=acl.attr_arn
        )
        if stage.web_acl.logs:
            self._log(acl, stage)

    def _log(self, acl: wafv2.CfnWebACL, stage: Stage) -> None:
        # WAF writes to groups of such names only, and takes their ARN without the asterisk at its end.
        group = LogGroup(self, "Logs", stage=stage, group=f"aws-waf-logs-ortless-{stage.name}")
        arn = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:{group.log_group_name}"
        handled = [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")]
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name}) for name in SECRETS
            ],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": handled}],
            },
        )


def _managed(place: int, group: str, counted: Sequence[str], stage: Stage) -> wafv2.CfnWebACL.RuleProperty:
    count = wafv2.CfnWebACL.RuleActionProperty(count={})
    return wafv2.CfnWebACL.RuleProperty(
        name=group,
        priority=place,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=group,
                rule_action_overrides=[
                    wafv2.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in counted
                ]
                or None,
            )
        ),
        visibility_config=_visible(group, stage),
    )


def _limit(place: int, stage: Stage) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="rate",
        priority=place,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=stage.web_acl.rate_limit, evaluation_window_sec=WINDOW_SECONDS
            )
        ),
        visibility_config=_visible("rate", stage),
    )


def _visible(name: str, stage: Stage) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    # Samples would show headers, keys among them, to whoever may look at the firewall.
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=f"ortless-{stage.name}-{name}", sampled_requests_enabled=False
    )
