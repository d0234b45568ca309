"""The stack of a stage that a verb is about, and the AWS account that it is in."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from functions.core.errors import OrtlessError
from toolchain import client
from toolchain.admin_errors import NoCredentials

if TYPE_CHECKING:
    from boto3.session import Session

    from functions.core.store import ObjectStore

LOCAL = "local"
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken", "SignatureDoesNotMatch")


class NoStage(OrtlessError):
    """Nobody said which stage is meant, and no local cloud is up."""

    code = "no_stage"

    def __init__(self) -> None:
        super().__init__(
            "Expected a stage - got none\n"
            "hint: give --stage or ORTLESS_STAGE, or start a local cloud: python -m local up --detach"
        )


class NoAccountRegion(OrtlessError):
    """Neither the environment nor the profile names a region."""

    code = "no_region"

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"Expected the region of the stage {stage!r} - got none\nhint: set AWS_REGION to the region of the stack"
        )


class NoStack(OrtlessError):
    """The account has no stack of that stage in this region."""

    code = "no_stack"

    def __init__(self, stack: str, region: str) -> None:
        super().__init__(
            f"There is no stack {stack} in {region}\nhint: deploy it, or set AWS_REGION to the region where it is"
        )


class CloudRefused(OrtlessError):
    """AWS refused a call, or did not answer it."""

    code = "cloud_refused"


class Deployment:
    """A stage's stack in an account; the clients of its services sign as whoever is at the command line."""

    def __init__(self, stage: str, session: "Session", endpoint: str | None = None) -> None:
        """Call nothing yet.

        Args:
            stage: its name in cdk.json.
            session: who asks, and in which region.
            endpoint: of a cloud that is not AWS.
        """
        self.stage = stage
        self.stack = f"ortless-{stage}"
        self.region = str(session.region_name)
        self._session = session
        self._endpoint = endpoint

    def service(self, name: str) -> Any:
        """The client of a service, by boto3's name of it."""
        session: Any = self._session
        return session.client(name, endpoint_url=self._endpoint)

    def store(self, bucket: str) -> "ObjectStore":
        """A bucket as the functions see it. Raises NoCredentials."""
        from functions.core.store import ObjectStore

        credentials = self._session.get_credentials()
        if credentials is None:
            raise NoCredentials("neither the environment, nor a profile, nor this machine has any")
        held = credentials.get_frozen_credentials()
        config = {"region": self.region, "access_key_id": held.access_key, "secret_access_key": held.secret_key}
        optional = {"token": held.token, "endpoint": self._endpoint}
        return ObjectStore(bucket, {**config, **{key: value for key, value in optional.items() if value}})  # type: ignore[arg-type]

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack. Raises NoStack or CloudRefused."""
        from botocore.exceptions import ClientError

        with translated():
            try:
                found = self.service("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
            except ClientError as fault:
                if fault.response["Error"]["Code"] == "ValidationError":  # what it says of a stack that is not there
                    raise NoStack(self.stack, self.region) from None
                raise
        return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", ())}


def find(stage: str, variables: Mapping[str, str] = os.environ) -> Deployment:
    """The deployment that is meant by a stage: the local cloud's while it is up, else by the usual AWS chain.

    Raises:
        NoStage: nobody named one, and no local cloud is up.
        NoCredentials, NoAccountRegion: something to sign with is missing.
    """
    import boto3
    from botocore.exceptions import BotoCoreError

    known = client.record(variables)
    here = str(known.get("context", {}).get("stage", LOCAL)) if known.get("operator") else ""
    if here and stage in ("", here):
        return Deployment(here, _local_session(known), str(known["endpoint_url"]))
    if not stage:
        raise NoStage
    try:
        session = boto3.Session()
        credentials = session.get_credentials()
    except BotoCoreError as fault:
        raise NoCredentials(str(fault)) from None
    if credentials is None:
        raise NoCredentials("neither the environment, nor a profile, nor this machine has any")
    if not session.region_name and not variables.get("AWS_REGION"):
        raise NoAccountRegion(stage)
    region = variables.get("AWS_REGION") or session.region_name
    return Deployment(stage, boto3.Session(region_name=region))


@contextmanager
def translated() -> Iterator[None]:
    """AWS's errors as ours.

    Raises:
        CloudRefused: a call was refused or not answered.
        NoCredentials: what there is to sign with does not hold.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as fault:
        code, words = (str(fault.response["Error"].get(key, "")) for key in ("Code", "Message"))
        if code in UNKNOWN:
            raise NoCredentials(f"{words or code} [{code}]") from None
        hint = "\nhint: attach the stack's policy for this to that identity: docs/guides/keys.md" * (code in DENIED)
        raise CloudRefused(f"{fault.operation_name}: {words or code} [{code}]{hint}") from None
    except BotoCoreError as fault:
        raise CloudRefused(str(fault)) from None


def _local_session(known: Mapping[str, Any]) -> "Session":
    import boto3

    operator = known["operator"]
    return boto3.Session(operator["access_key_id"], operator["secret_access_key"], region_name=str(known["region"]))
