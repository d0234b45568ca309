"""Whom the API lets in at all: the resource policy, as API Gateway and IAM weigh it together with a caller's own."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly, several, shown
from tests.infra.conftest import Synthesized
from tests.infra.edge_stages import ACCOUNT, PRIVATE, PUBLIC


def statements(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """The statements of the API's policy by their ids."""
    policy = assembly.only("AWS::ApiGateway::RestApi")["Policy"]["Statement"]
    assert {it["Action"] for it in policy} == {"execute-api:Invoke"}
    return {it["Sid"]: it for it in policy}


@pytest.fixture
def private(synthesized: Synthesized) -> dict[str, dict[str, Any]]:
    return statements(synthesized("dev", **PRIVATE))


def test_only_what_nobody_signed_is_allowed_so_that_a_signers_own_policy_goes_on_deciding(
    private: dict[str, dict[str, Any]],
) -> None:
    anyone = [it for it in private.values() if it["Effect"] == "Allow" and it["Principal"] == {"AWS": "*"}]
    assert anyone == [private["Unsigned"]]
    assert private["Unsigned"]["Condition"] == {"Null": {"aws:PrincipalArn": "true"}}
    assert private["Unsigned"]["Resource"] == "execute-api:/*"


def test_whoever_comes_by_another_endpoint_is_refused_whatever_else_allows_it(
    private: dict[str, dict[str, Any]],
) -> None:
    refusal = private["Endpoints"]
    assert (refusal["Effect"], refusal["Principal"], refusal["Resource"]) == ("Deny", {"AWS": "*"}, "execute-api:/*")
    first, made, foreign = refusal["Condition"]["StringNotEquals"]["aws:SourceVpce"]
    assert (first, foreign) == ("vpce-0123456789abcdef0", "vpce-0fedcba9876543210")
    assert shown(made).startswith("<ApiPrivateEndpoint")


def test_whoever_comes_from_another_address_of_the_vpc_is_refused_as_well(private: dict[str, dict[str, Any]]) -> None:
    assert private["Addresses"]["Effect"] == "Deny"
    assert private["Addresses"]["Condition"] == {"NotIpAddress": {"aws:VpcSourceIp": ["10.0.4.0/24"]}}


def test_another_account_may_let_its_people_call_everything_but_the_lifecycle(
    private: dict[str, dict[str, Any]],
) -> None:
    accounts = private["Accounts"]
    assert accounts["Effect"] == "Allow"
    assert shown(several(accounts["Principal"]["AWS"])[0]) == f"arn:<AWS::Partition>:iam::{ACCOUNT}:root"
    paths = {resource.removeprefix("execute-api:/dev/*/") for resource in accounts["Resource"]}
    assert paths == {"v1/*", "v2", "v2/*", "docs", "docs/*", "openapi.json", "console", "console/*"}


def test_a_public_api_refuses_addresses_of_the_internet_that_the_stage_does_not_name(synthesized: Synthesized) -> None:
    found = statements(synthesized("dev", allowed={"cidrs": ["203.0.113.0/24", "198.51.100.7/32"]}))
    assert list(found) == ["Unsigned", "Addresses"]
    assert found["Addresses"]["Condition"] == {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7/32"]}}


def test_an_api_without_such_settings_has_no_policy(synthesized: Synthesized) -> None:
    assert "Policy" not in synthesized("dev", **PUBLIC).only("AWS::ApiGateway::RestApi")
