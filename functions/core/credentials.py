"""Credentials in a restored snapshot: Lambda serves them from a local address instead of variables."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import S3Credential

ADDRESS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 - a variable's name


def credential_provider() -> "Callable[[], S3Credential] | None":
    """None where the usual variables hold credentials, which the object store's client reads by itself.

    A function with SnapStart gets an address and a token instead, see "Working with SnapStart credentials" in
    AWS's Lambda guide. The client knows that scheme only with the token in a file, so ortless asks for it.
    """
    if "AWS_ACCESS_KEY_ID" in os.environ or ADDRESS not in os.environ:
        return None
    return fetch


def fetch() -> "S3Credential":
    """Ask the address that Lambda gives for the credentials of the function's role.

    Raises:
        OSError: it does not answer, or not with credentials.
    """
    import json
    from urllib.request import Request, urlopen

    request = Request(os.environ[ADDRESS], headers={"Authorization": os.environ.get(TOKEN, "")})  # noqa: S310
    with urlopen(request, timeout=2) as answer:  # noqa: S310 - the platform's own address
        given = json.load(answer)
    return {
        "access_key_id": given["AccessKeyId"],
        "secret_access_key": given["SecretAccessKey"],
        "token": given["Token"],
        "expires_at": datetime.fromisoformat(given["Expiration"]),
    }
