"""What the usage plan has left for a caller's key."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.console.errors import ServiceUnavailable
from functions.console.kept import Kept
from functions.console.usage import UNKNOWN, Usage
from tests.console.conftest import Console

CONTEXT = {"identity": {"apiKeyId": "key-1"}, "apiId": "api", "stage": "prod"}
STAGES = [{"apiId": "api", "stage": "prod"}]
OTHER = {"id": "other", "apiStages": [{"apiId": "api", "stage": "dev"}], "quota": {"limit": 5, "period": "DAY"}}
TODAY = date(2026, 11, 18)
"""A Wednesday."""


@contextmanager
def gateway(plan: dict[str, Any], asked: dict[str, Any] | None = None, days: Any = None) -> Iterator[Usage]:
    """API Gateway, whose usage no emulator of these tests counts: the questions are checked as AWS defines them."""
    client = boto3.Session("test", "test", region_name="us-east-1").client("apigateway")
    with Stubber(client) as stub:
        stub.add_response("get_usage_plans", {"items": [OTHER, plan]}, {"keyId": "key-1"})
        if asked is not None:
            answered = {"usagePlanId": plan["id"], "items": {"key-1": days} if days is not None else {}}
            stub.add_response("get_usage", answered, asked)
        yield Usage(lambda _service: client, lambda: TODAY)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("period", "start"), [("DAY", "2026-11-18"), ("WEEK", "2026-11-15"), ("MONTH", "2026-11-01")])
def test_what_is_left_is_what_the_last_day_of_the_period_says(period: str, start: str) -> None:
    plan = {"id": "plan", "apiStages": STAGES, "quota": {"limit": 100, "period": period}}
    asked = {"usagePlanId": "plan", "keyId": "key-1", "startDate": start, "endDate": "2026-11-18", "limit": 90}
    with gateway(plan, asked, [[10, 90], [20, 70]]) as usage:
        assert usage.show(CONTEXT) == {
            "limit": 100, "used": 30, "remaining": 70, "period": period.lower(), "key": "key-1"
        }  # fmt: skip


def test_a_plan_that_nothing_was_used_of_has_everything_left() -> None:
    plan = {"id": "plan", "apiStages": STAGES, "quota": {"limit": 100, "period": "DAY"}}
    asked = {"usagePlanId": "plan", "keyId": "key-1", "startDate": "2026-11-18", "endDate": "2026-11-18", "limit": 90}
    with gateway(plan, asked) as usage:
        found = usage.show(CONTEXT)
    assert (found["limit"], found["used"], found["remaining"]) == (100, 0, 100)


@pytest.mark.parametrize("plan", [{"id": "plan", "apiStages": STAGES}, OTHER], ids=["no quota", "no plan of the stage"])
def test_without_a_quota_there_is_no_limit(plan: dict[str, Any]) -> None:
    with gateway(plan) as usage:
        assert usage.show(CONTEXT) == {**UNKNOWN, "key": "key-1"}


def test_where_the_gateway_does_not_say_whose_key_it_was_nothing_is_known(console: Console) -> None:
    found = console("/console/api/usage", context={"identity": {"sourceIp": "127.0.0.1"}})
    assert (found.status, found.body) == (200, UNKNOWN)


def test_a_refusal_is_said_so() -> None:
    client = boto3.Session("test", "test", region_name="us-east-1").client("apigateway")
    with Stubber(client) as stub:
        stub.add_client_error("get_usage_plans", "TooManyRequestsException", "slow down", 429)
        with pytest.raises(ServiceUnavailable, match=r"API Gateway did not answer: .*slow down"):
            Usage(lambda _service: client).show(CONTEXT)


def test_an_answer_is_kept_for_a_moment_and_never_for_somebody_else() -> None:
    now, asked = [0.0], list[str]()

    kept: Kept[str] = Kept(30, lambda: now[0])

    def ask(what: str) -> str:
        def answer() -> str:
            asked.append(what)
            return f"answer {len(asked)}"

        return kept.get(what, answer)

    assert [ask("a"), ask("a"), ask("b")] == ["answer 1", "answer 1", "answer 2"]
    now[0] = 31.0
    assert ask("a") == "answer 3"


def test_an_answer_is_not_kept_where_nothing_is_to_be() -> None:
    kept: Kept[int] = Kept(0)
    values = iter((1, 2))
    assert [kept.get("a", lambda: next(values)) for _ in range(2)] == [1, 2]
