"""A cloud assembly becomes a stack of the local cloud: assets up, template in, outputs back."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from local.assembly import Stack, read_stack
from local.endpoint import Credentials
from local.errors import DeploymentFailed

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

    from local.aws import Account

# What `cdk bootstrap` would leave; the templates ask for it before anything else.
_BOOTSTRAP_VERSION = "30"
# API keys by the stage in their tags, and provisioned concurrency under the name of another action.
_UNWEIGHED = (
    (["apigateway:POST", "apigateway:PATCH", "apigateway:DELETE"], "arn:aws:apigateway:*::/apikeys*"),
    (["lambda:GetFunction"], "*"),
)
_SECONDS = 300.0
_POLL_SECONDS = 0.1
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_API_URL = re.compile(r"https://(?P<api>[^.]+)\.execute-api\.[^/]+/(?P<stage>[^/]+)/?$")


def deploy(assembly: Path, account: Account) -> tuple[str, dict[str, str]]:
    """Create the assembly's stack, or update the one that is there; answers its name and outputs.

    Raises:
        DeploymentFailed: CloudFormation refused it; the message is the first failed resource's reason.
    """
    session = account.session
    identity = session.client("sts", **account.options).get_caller_identity()
    stack = read_stack(assembly, identity["Account"], account.region)
    _bootstrap(stack, account)
    client = session.client("cloudformation", **account.options)
    if _submit(client, stack, account.url):
        _wait(client, stack.name)
    outputs = _describe(client, stack.name).get("Outputs", [])
    return stack.name, {output["OutputKey"]: output["OutputValue"] for output in outputs}


def api_url(outputs: dict[str, str], url: str) -> str | None:
    """The API's address on this machine, in place of the host name that only AWS resolves."""
    match = _API_URL.match(outputs.get("ApiUrl", ""))
    return f"{url}/_aws/execute-api/{match['api']}/{match['stage']}" if match else None


def api_key(outputs: dict[str, str], account: Account) -> str | None:
    """The value of the stack's API key, when its stage has one."""
    if "ApiKeyId" not in outputs:
        return None
    client = account.session.client("apigateway", **account.options)
    return client.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]


def operator(outputs: dict[str, str], account: Account, name: str = "operator") -> Credentials | None:
    """An IAM user with the stack's policies for people and nothing else: signatures of this one are verified."""
    if "OperatorPolicyArn" not in outputs:
        return None
    client = account.session.client("iam", **account.options)
    with suppress(client.exceptions.EntityAlreadyExistsException):
        client.create_user(UserName=name)
    for policy in (arn for output, arn in outputs.items() if output.endswith("PolicyArn")):
        client.attach_user_policy(UserName=name, PolicyArn=policy)
    allow_unweighed(account, name)
    key = client.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def allow_unweighed(account: Account, user: str) -> None:
    """Let a user do what the stack allows in ways that the embedded cloud does not weigh: local/differences.py."""
    client = account.session.client("iam", **account.options)
    statements = [{"Effect": "Allow", "Action": actions, "Resource": arn} for actions, arn in _UNWEIGHED]
    document = {"Version": "2012-10-17", "Statement": statements}
    client.put_user_policy(UserName=user, PolicyName="unweighed", PolicyDocument=json.dumps(document))


def _bootstrap(stack: Stack, account: Account) -> None:
    session = account.session
    parameters = session.client("ssm", **account.options)
    parameters.put_parameter(Name=stack.bootstrap_parameter, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True)
    store = session.client("s3", **account.options)
    for bucket in {asset.bucket for asset in stack.assets}:
        store.create_bucket(Bucket=bucket)
    for asset in stack.assets:
        store.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())


def _submit(client: CloudFormationClient, stack: Stack, url: str) -> bool:
    """Hand the template over; answers whether there is anything to wait for."""
    # A template that is inline may have 51,200 bytes; by URL it may have a million.
    template = stack.template_url.replace("s3://", f"{url}/", 1)
    try:
        client.create_stack(
            StackName=stack.name, TemplateURL=template, Capabilities=["CAPABILITY_NAMED_IAM"], OnFailure="DO_NOTHING"
        )
    except client.exceptions.AlreadyExistsException:
        return _update(client, stack, template)
    except client.exceptions.ClientError as error:
        raise DeploymentFailed(stack.name, "its template", str(error)) from error
    return True


def _update(client: CloudFormationClient, stack: Stack, template: str) -> bool:
    try:
        client.update_stack(StackName=stack.name, TemplateURL=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    except client.exceptions.ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise DeploymentFailed(stack.name, "its template", str(error)) from error
    return True


def _wait(client: CloudFormationClient, name: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while (status := _describe(client, name)["StackStatus"]).endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeploymentFailed(name, "the clock", f"still {status} after {_SECONDS:.0f} s")
        time.sleep(_POLL_SECONDS)
    if status not in _DONE:
        raise DeploymentFailed(name, *_cause(client, name, status))


def _describe(client: CloudFormationClient, name: str) -> StackTypeDef:
    return client.describe_stacks(StackName=name)["Stacks"][0]


def _cause(client: CloudFormationClient, name: str, status: str) -> tuple[str, str]:
    """The resource that failed first, and why; those that failed with it were only cancelled."""
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    failed = [each for each in events if each.get("ResourceStatus", "").endswith("FAILED")]
    failed = [each for each in failed if each.get("LogicalResourceId") != name] or failed
    if not failed:
        return name, status
    first = failed[-1]  # the newest comes first
    kind, resource = first.get("ResourceType", "?"), first.get("LogicalResourceId", "?")
    return f"{resource} ({kind})", first.get("ResourceStatusReason", status)
