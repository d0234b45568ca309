"""The permission to call paths of a REST API, as IAM names them."""

from collections.abc import Iterable
from typing import cast

from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam

from infra.acknowledgements import acknowledge

WHY = "Who may call a path may call it by every method, and what stands behind it by every name."


def grant_calls(
    grantee: iam.Role | iam.ManagedPolicy, api: apigateway.RestApi, stage: str, paths: Iterable[str]
) -> None:
    """Let a principal call paths, and all that a path with a parameter stands for, in one stage of the API."""
    patterns = [path.replace("{proxy+}", "*") for path in paths]
    calls = [api.arn_for_execute_api("*", pattern, stage) for pattern in patterns]
    iam.Grant.add_to_principal(grantee=grantee, actions=["execute-api:Invoke"], resource_arns=calls)
    gateway = Stack.of(api).get_logical_id(cast(apigateway.CfnRestApi, api.node.default_child))
    arn = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{gateway}>"
    acknowledge(grantee, {f"AwsSolutions-IAM5[Resource::{arn}/{stage}/*{pattern}]": WHY for pattern in patterns})
