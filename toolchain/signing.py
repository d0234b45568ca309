"""Who an operator is to AWS: credentials, a region, and signatures made of them."""

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from toolchain import client
from toolchain.admin_errors import NoCredentials, NoRegion

SERVICE = "execute-api"
HOST = re.compile(r"\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)$")


class Signer(NamedTuple):
    """Signs requests to an API of one region. AWS Signature Version 4."""

    credentials: Any
    """botocore's; asked at each signature, as those of a role or of SSO are renewed."""
    region: str

    @property
    def identity(self) -> str:
        """Whose signature it is, as far as the credentials say."""
        frozen = self.credentials.get_frozen_credentials()
        return f"The access key {frozen.access_key} ({self.credentials.method})"

    def headers(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers of a signed request with a JSON body. Raises NoCredentials where they cannot be renewed."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError, ClientError

        request = AWSRequest(method, url, data=body, headers={"content-type": "application/json"})
        try:
            SigV4Auth(self.credentials.get_frozen_credentials(), SERVICE, self.region).add_auth(request)
        except (BotoCoreError, ClientError) as fault:  # the latter where a role must not be assumed
            raise NoCredentials(str(fault)) from None
        return dict(request.headers)


def signer(url: str, variables: Mapping[str, str] = os.environ) -> Signer:
    """Who signs for an API: the local cloud's operator for the local cloud, else the usual AWS chain.

    Raises:
        NoCredentials: the chain has none.
        NoRegion: neither the address, nor AWS_REGION, nor the profile tells the region.
    """
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    known = client.record(variables)
    local = known if url == str(known.get("api_url") or "").rstrip("/") else {}
    if operator := local.get("operator"):
        own = Credentials(operator["access_key_id"], operator["secret_access_key"], method="the local cloud's operator")
        return Signer(own, str(local["region"]))
    session = Session()
    try:
        named = _region(url) or local.get("region") or variables.get("AWS_REGION")
        if named:
            session.set_config_variable("region", named)  # a role is asked for there too
        region = session.get_config_variable("region")
        credentials = session.get_credentials()
    except BotoCoreError as fault:
        raise NoCredentials(str(fault)) from None
    if credentials is None:
        raise NoCredentials("neither the environment, nor a profile, nor this machine has any")
    if not region:
        raise NoRegion(url)
    return Signer(credentials, str(region))


def _region(url: str) -> str | None:
    found = HOST.search(urlsplit(url).hostname or "")
    return found[1] if found else None
