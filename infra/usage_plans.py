"""The tiers of a stage as usage plans of API Gateway, the stack's own key, and who may manage keys."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from aws_cdk import ArnFormat, Aws, CfnElement, Stack, Tags
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from infra.acknowledgements import acknowledge
from infra.operator import Operator
from infra.stages import Stage
from infra.tier import DEFAULT, Tier

STAGE_TAG, TIER_TAG, NAME_TAG = "ortless:stage", "ortless:tier", "ortless:name"
"""What `ortless keys` finds plans and keys by."""
OWN_KEY = "stack"
"""The name of the key that comes with the stack."""
GENERATED = "API Gateway makes the ids of keys; which of them are meant, their tag with the stage says."
HIDDEN = "Values are put below the stage's own prefix only, under names that people choose."


class UsagePlans(Construct):
    """A plan for each tier; keys that the stack does not know are put into them by `ortless keys`."""

    def __init__(self, scope: Construct, name: str, *, api: apigateway.RestApi, stage: Stage) -> None:
        super().__init__(scope, name)
        self._stage = stage
        self._stack = Stack.of(api)
        self.plans = [self._plan(api, name, tier) for name, tier in stage.tiers.items()]
        """One for each tier, in the order of the stage."""
        self._key = api.add_api_key("Key")
        self.plans[list(stage.tiers).index(DEFAULT)].add_api_key(self._key)
        _tag(self._key, {STAGE_TAG: stage.name, NAME_TAG: OWN_KEY, TIER_TAG: DEFAULT})
        self._policy = Operator(self, "Operator", description="Manage the API keys of ortless").policy
        self._grant(self._policy)

    @property
    def outputs(self) -> dict[str, str]:
        """What scripts need to know, by its name among the stack's outputs."""
        return {"ApiKeyId": self._key.key_id, "KeyOperatorPolicyArn": self._policy.managed_policy_arn}

    def _grant(self, policy: iam.ManagedPolicy) -> None:
        """Let a person create, list, rotate and revoke keys of this stage; those of others can be read, not changed."""
        ours, asked = ({f"aws:{kind}/{STAGE_TAG}": self._stage.name} for kind in ("ResourceTag", "RequestTag"))
        plans = [self._arn(f"/usageplans/{plan.usage_plan_id}/keys") for plan in self.plans]
        _allow(policy, ["GET"], [self._arn("/apikeys"), self._arn("/usageplans"), *plans])
        _allow(policy, ["POST"], [self._arn("/apikeys")], {"StringEquals": asked})
        # AWS asks for this one of whoever makes something that has tags.
        _allow(policy, ["PUT"], [self._arn(f"/tags/{_quoted(self._arn('/apikeys/'))}*")])
        _allow(policy, ["PATCH", "DELETE"], [self._arn("/apikeys/*")], {"StringEquals": ours})
        _allow(policy, ["POST"], plans)
        _allow(policy, ["DELETE"], [f"{plan}/*" for plan in plans])
        self._grant_hide(policy)
        self._acknowledge(policy)

    def _acknowledge(self, policy: iam.ManagedPolicy) -> None:
        gateway, account = "arn:<AWS::Partition>:apigateway:<AWS::Region>:", "<AWS::Region>:<AWS::AccountId>"
        tags = f"{gateway}:/tags/{_quoted(f'{gateway}:/apikeys/').replace('AWS%3A%3A', 'AWS::')}*"
        keys = [f"{gateway}:/usageplans/<{self._stack.get_logical_id(_resource(plan))}>/keys/*" for plan in self.plans]
        hidden = [
            f"arn:<AWS::Partition>:{service}:{account}:{kind}ortless/{self._stage.name}/*"
            for service, kind in (("ssm", "parameter/"), ("secretsmanager", "secret:"))
        ]
        acknowledge(policy, _rules([f"{gateway}:/apikeys/*", tags, *keys], GENERATED) | _rules(hidden, HIDDEN))

    def _plan(self, api: apigateway.RestApi, name: str, tier: Tier) -> apigateway.UsagePlan:
        quota = None
        if tier.quota is not None:
            quota = apigateway.QuotaSettings(limit=tier.quota, period=apigateway.Period[tier.period.upper()])
        plan = api.add_usage_plan(
            "UsagePlan" if name == DEFAULT else f"UsagePlan-{name}",
            name=f"ortless-{self._stage.name}-{name}",
            throttle=apigateway.ThrottleSettings(rate_limit=tier.rate, burst_limit=tier.burst),
            quota=quota,
            api_stages=[apigateway.UsagePlanPerApiStage(api=api, stage=api.deployment_stage)],
        )
        _tag(plan, {STAGE_TAG: self._stage.name, TIER_TAG: name})
        return plan

    def _grant_hide(self, policy: iam.ManagedPolicy) -> None:
        """Where a value may be put instead of being shown."""
        place = f"ortless/{self._stage.name}/*"
        parameter = self._stack.format_arn(service="ssm", resource="parameter", resource_name=place)
        secret = self._stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=place,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        policy.add_statements(
            iam.PolicyStatement(actions=["ssm:PutParameter"], resources=[parameter]),
            iam.PolicyStatement(
                actions=["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"], resources=[secret]
            ),
        )

    def _arn(self, path: str) -> str:
        return f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::{path}"


def _allow(
    policy: iam.ManagedPolicy, methods: Sequence[str], arns: list[str], conditions: dict[str, Any] | None = None
) -> None:
    actions = [f"apigateway:{method}" for method in methods]
    policy.add_statements(iam.PolicyStatement(actions=actions, resources=arns, conditions=conditions))


def _rules(arns: Iterable[str], why: str) -> dict[str, str]:
    return {f"AwsSolutions-IAM5[Resource::{arn}]": why for arn in arns}


def _resource(plan: apigateway.UsagePlan) -> CfnElement:
    return cast(CfnElement, plan.node.default_child)


def _quoted(arn: str) -> str:
    """As it stands in the path of another resource."""
    return arn.replace(":", "%3A").replace("/", "%2F")


def _tag(construct: IConstruct, tags: dict[str, str]) -> None:
    for name, value in tags.items():
        Tags.of(construct).add(name, value)
