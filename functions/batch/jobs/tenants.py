"""Whose job it is: the key that a caller shows, or the identity that signs; never its value."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

ANYONE = "anyone"


def tenant(event: Mapping[str, Any]) -> str:
    """32 hexadecimal digits that are the same for each request with one key.

    Args:
        event: what API Gateway hands to a function.
    """
    identity = (event.get("requestContext") or {}).get("identity") or {}
    # What the gateway has checked, and nothing that a caller only says: where no key is asked for, any header passes.
    for kind, shown in (("key id", identity.get("apiKeyId")), ("identity", identity.get("userArn"))):
        if shown:
            return sha256(f"{kind}\0{shown}".encode()).hexdigest()[:32]
    return ANYONE
