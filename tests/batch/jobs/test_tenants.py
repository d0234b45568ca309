"""Whose job it is, from what API Gateway says of a caller."""

import re
from typing import Any

import pytest

from functions.batch.jobs.tenants import ANYONE, tenant

ARN = "arn:aws:iam::123456789012:user/ann"


def of(headers: dict[str, str] | None = None, **identity: str | None) -> str:
    return tenant({"headers": headers, "requestContext": {"identity": identity}})


def test_keys_and_identities_are_tenants_of_their_own() -> None:
    found = [of(apiKeyId="a"), of(apiKeyId="b"), of(userArn=ARN), of(userArn="a"), of(apiKeyId=ARN)]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in found)


def test_a_key_counts_before_the_identity_that_signs() -> None:
    assert of(apiKeyId="a", userArn=ARN) == of(apiKeyId="a", userArn=None) == of(apiKeyId="a")


@pytest.mark.parametrize("header", ["x-api-key", "X-Api-Key"])
def test_a_key_that_the_gateway_did_not_check_is_nobodys(header: str) -> None:
    assert of({header: "whatever"}, apiKeyId=None, userArn=None) == ANYONE
    assert of({header: "whatever"}, apiKeyId=None, userArn=ARN) == of(userArn=ARN)


@pytest.mark.parametrize("event", [{}, {"requestContext": None}, {"requestContext": {"identity": None}}])
def test_an_event_that_says_nothing_is_anyones(event: dict[str, Any]) -> None:
    assert tenant(event) == ANYONE
