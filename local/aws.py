"""The local cloud's account: sessions for it, and never for the user's own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local.endpoint import REGION, ROOT_CREDENTIALS, Credentials
from local.errors import CloudFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3.session import Session

# Name in the configuration file, environment variable, default, cast: none of it comes from the shell.
_ISOLATED = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


@dataclass(frozen=True)
class Account:
    """Where a cloud answers and who asks: `account.session.client("s3", **account.options)`."""

    url: str
    region: str = REGION
    credentials: Credentials = ROOT_CREDENTIALS

    @cached_property
    def session(self) -> Session:
        """A session that reads neither the user's profile nor their environment; boto3 loads on first use."""
        import boto3
        import botocore.session

        return boto3.Session(
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
            region_name=self.region,
            botocore_session=botocore.session.Session(session_vars=_ISOLATED),
        )

    @cached_property
    def options(self) -> dict[str, Any]:
        """Straight to the loopback interface: no proxy, no host names to resolve, no patience."""
        from botocore.config import Config

        config = Config(
            proxies={},
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 2},
            s3={"addressing_style": "path"},
        )
        return {"endpoint_url": self.url, "config": config}

    def variables(self) -> dict[str, str]:
        """The same account for a shell or a subprocess."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_access_key,
        }


@contextmanager
def translated() -> Iterator[None]:
    """The client library's errors as ours.

    Raises:
        CloudFailed: the cloud refused a call, or did not answer it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CloudFailed(f"The local cloud failed: {error}") from error
