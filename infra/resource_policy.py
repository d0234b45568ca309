"""The API's resource policy: networks that callers have to come from, and other accounts that may sign."""

from collections.abc import Mapping, Sequence

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from infra.admission import Admission

ANYONE = iam.AnyPrincipal()
UNSIGNED = {"Null": {"aws:PrincipalArn": "true"}}
FOR_ACCOUNTS = ("v1/*", "v2", "v2/*", "docs", "docs/*", "openapi.json", "console", "console/*")
"""Paths that other accounts may be let to; the lifecycle's are the owner's."""


def resource_policy(allowed: Admission, endpoints: Sequence[str], stage: str) -> iam.PolicyDocument | None:
    """The policy; None where everybody may knock.

    Within an account API Gateway takes a policy of the API and one of the caller together: either may allow, so that
    what is to hold for everyone has to be a denial. What is allowed here is only for requests that nobody signed: where
    a signature is asked for, the caller's own policy goes on deciding.

    Args:
        allowed: what the stage says.
        endpoints: VPC endpoints that lead to a private API; none: it is public.
        stage: the name of the API's stage.
    """
    if not (endpoints or allowed.cidrs or allowed.accounts):
        return None
    statements = [_statement("Unsigned", iam.Effect.ALLOW, [ANYONE], ["execute-api:/*"], UNSIGNED)]
    if endpoints:
        ours = {"StringNotEquals": {"aws:SourceVpce": [*endpoints, *allowed.vpc_endpoints]}}
        statements.append(_statement("Endpoints", iam.Effect.DENY, [ANYONE], ["execute-api:/*"], ours))
    if allowed.cidrs:
        # Behind an endpoint the address is one of the VPC, and has another name.
        address = "aws:VpcSourceIp" if endpoints else "aws:SourceIp"
        elsewhere = {"NotIpAddress": {address: list(allowed.cidrs)}}
        statements.append(_statement("Addresses", iam.Effect.DENY, [ANYONE], ["execute-api:/*"], elsewhere))
    if allowed.accounts:
        roots: list[iam.IPrincipal] = [
            iam.ArnPrincipal(f"arn:{Aws.PARTITION}:iam::{account}:root") for account in allowed.accounts
        ]
        paths = [f"execute-api:/{stage}/*/{path}" for path in FOR_ACCOUNTS]
        statements.append(_statement("Accounts", iam.Effect.ALLOW, roots, paths, {}))
    return iam.PolicyDocument(statements=statements)


def _statement(
    sid: str,
    effect: iam.Effect,
    principals: Sequence[iam.IPrincipal],
    resources: Sequence[str],
    conditions: Mapping[str, Mapping[str, object]],
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=effect,
        principals=list(principals),
        actions=["execute-api:Invoke"],
        resources=list(resources),
        conditions=dict(conditions),
    )
