"""Who is let in: by key, by signature, by both; and how often."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.aws import Account
from local.endpoint import Credentials
from tests.e2e.conftest import Api, Variant

MODEL = "linear-regression"
PATH = f"/v1/models/{MODEL}"
ROW = [1, 2, 3]


@pytest.mark.parametrize("key", ["", "not-a-key"])
def test_no_key_or_a_wrong_one_gets_a_403_in_the_shape_of_every_error(api: Api, key: str) -> None:
    refused = api.call("POST", f"{PATH}:predict", {"x-api-key": key}, json={"instances": [ROW]})
    assert refused.status_code == 403
    assert refused.json().keys() == {"error", "code"}
    assert refused.json()["code"] == "forbidden"


def test_the_right_key_is_let_in(api: Api) -> None:
    assert api.predict(MODEL, ROW).status_code == 200


def test_a_burst_beyond_the_plan_gets_429s_in_the_shape_of_every_error(variant: Variant) -> None:
    tight = variant("tight", tiers={"default": {"rate": 1, "burst": 5, "quota": 1000, "period": "day"}})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: tight.call("GET", PATH), range(30)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert 5 <= statuses.count(200) < 25
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "throttled"


@pytest.fixture(scope="module")
def guarded(variant: Variant) -> Api:
    """The same app with predictions behind AWS IAM."""
    return variant("iam", auth="iam")


@pytest.fixture(scope="module")
def stranger(guarded: Api) -> Credentials:
    """An IAM user that may do nothing."""
    return user(guarded.account, "stranger")


@pytest.fixture(scope="module")
def caller(guarded: Api) -> Credentials:
    """An IAM user with the stack's operator policy."""
    return user(guarded.account, "caller", guarded.outputs["OperatorPolicyArn"])


def user(account: Account, name: str, policy: str | None = None) -> Credentials:
    iam = account.session.client("iam", **account.options)
    iam.create_user(UserName=name)
    if policy:
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def test_an_api_behind_iam_has_no_key(guarded: Api) -> None:
    assert guarded.key is None


def test_a_call_without_a_signature_is_refused(guarded: Api) -> None:
    refused = guarded.call("GET", PATH)
    assert refused.status_code == 403
    assert refused.json().keys() == {"error", "code"}


def test_a_signature_with_a_wrong_secret_is_refused(guarded: Api, caller: Credentials) -> None:
    assert guarded.signed("GET", PATH, caller.access_key_id, "x" * 40).status_code == 403


def test_a_signature_for_another_region_is_refused(guarded: Api, caller: Credentials) -> None:
    keys = (caller.access_key_id, caller.secret_access_key)
    assert guarded.signed("GET", PATH, *keys, region="eu-west-1").status_code == 403


def test_a_user_without_permission_is_refused(guarded: Api, stranger: Credentials) -> None:
    refused = guarded.signed("GET", PATH, stranger.access_key_id, stranger.secret_access_key)
    # The embedded cloud refuses before its gateway does, in words of its own; that the gateway's would be in our
    # shape is a test of the template.
    assert refused.status_code == 403
    assert "execute-api:Invoke" in refused.text


def test_a_user_with_permission_is_let_in(guarded: Api, caller: Credentials) -> None:
    keys = (caller.access_key_id, caller.secret_access_key)
    body = b'{"instances": [[1, 2, 3]]}'
    answered = guarded.signed("POST", f"{PATH}:predict", *keys, body=body)
    assert answered.status_code == 200
    assert answered.json()["predictions"] == pytest.approx([1.8], abs=1e-6)


def test_health_needs_no_signature(guarded: Api) -> None:
    assert guarded.call("GET", "/v2/health/live").status_code == 200


def test_where_both_are_asked_for_one_is_not_enough(variant: Variant) -> None:
    both = variant("both", auth="both")
    permitted = user(both.account, "permitted", both.outputs["OperatorPolicyArn"])
    keys = (permitted.access_key_id, permitted.secret_access_key)
    assert both.call("GET", PATH).status_code == 403
    keyless = Api(both.url, None, both.account, both.outputs)
    assert keyless.signed("GET", PATH, *keys).status_code == 403
    assert both.signed("GET", PATH, *keys).status_code == 200
