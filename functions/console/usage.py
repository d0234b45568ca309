"""What a caller's key may still ask for, as its usage plan says."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.console.aws import Client, answering, client

SERVICE = "API Gateway"
UNKNOWN: dict[str, Any] = dict.fromkeys(("limit", "used", "remaining", "period", "key"))
"""Where the gateway does not say whose key it was, or none was shown."""
LONGEST = 90
"""Days of usage that API Gateway tells by one question at most."""


def today() -> date:
    """The day in UTC, by which API Gateway counts."""
    return datetime.now(UTC).date()


class Usage:
    """The usage plans of one API's stage."""

    def __init__(self, client: Client = client, today: Callable[[], date] = today) -> None:
        self._client = client
        self._today = today

    def show(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """What the key of a request has left.

        Args:
            context: what API Gateway says of the request beside its content.

        Raises:
            ServiceUnavailable: API Gateway did not answer.
        """
        key = (context.get("identity") or {}).get("apiKeyId")
        if not key:
            return dict(UNKNOWN)
        with answering(SERVICE):
            plan = self._plan(str(key), context)
            quota = plan and plan.get("quota")
            if not plan or not quota:
                return {**UNKNOWN, "key": key}
            limit, period = int(quota["limit"]), str(quota["period"]).lower()
            remaining = self._remaining(plan["id"], str(key), period)
        left = limit if remaining is None else remaining
        return {"limit": limit, "used": max(0, limit - left), "remaining": left, "period": period, "key": key}

    def _plan(self, key: str, context: Mapping[str, Any]) -> Any:
        """The plan by which the key calls this stage of this API; None if there is none."""
        called = (context.get("apiId"), context.get("stage"))
        pages = self._client("apigateway").get_paginator("get_usage_plans").paginate(keyId=key)
        for plan in (plan for page in pages for plan in page.get("items", ())):
            if called in [(stage["apiId"], stage["stage"]) for stage in plan.get("apiStages", ())]:
                return plan
        return None

    def _remaining(self, plan: str, key: str, period: str) -> int | None:
        """What is left of the quota; None where nothing was used of it yet."""
        now = self._today()
        began = {"day": now, "week": now - timedelta(days=(now.weekday() + 1) % 7)}.get(period, now.replace(day=1))
        asked = {"usagePlanId": plan, "keyId": key, "startDate": began.isoformat(), "endDate": now.isoformat()}
        days = self._client("apigateway").get_usage(**asked, limit=LONGEST).get("items", {}).get(key) or []
        # Per day, what was used and what was left by then; a day without requests has none of its own.
        return int(days[-1][1]) if days else None
