"""What callers have used of their plans: the embedded gateway keeps quotas and has no GetUsage.

Counts are of this process, by day in UTC, of plans that have a quota; they begin with its start.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

MOST_DAYS = 90
"""That one answer is of."""

Slot = tuple[str, str]
"""A plan and a key."""


class Ledger:
    """What was used, and left of the quota, on each day."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway
        self._days: dict[Slot, dict[date, tuple[int, int]]] = {}

    def count(self, plan: str, key: str) -> None:
        """A request with a key passed."""
        days = self._days.setdefault((plan, key), {})
        today = datetime.now(UTC).date()
        days[today] = (days.get(today, (0, 0))[0] + 1, self._left(plan, key))

    def daily(self, plan: str, key: str, first: date, last: date) -> list[list[int]]:
        """[used, remaining] for each day, both ends included."""
        days = self._days.get((plan, key), {})
        quota = self._gateway._usage_plans.get(plan).get("quota") or {}
        limit = int(quota.get("limit", 0))
        found, left = [], limit
        for day in _days(first, last):
            used, left = days.get(day, (0, limit if quota.get("period", "DAY") == "DAY" else left))
            found.append([used, left])
        return found

    def _left(self, plan: str, key: str) -> int:
        used, _ = self._gateway._quota_state.get((plan, key), (0, 0))
        limit = self._gateway._usage_plans.get(plan)["quota"]["limit"]
        return max(0, int(limit) - int(used))


def mend() -> None:
    """Count what passes the quotas, and answer `GET /usageplans/{plan}/usage` from that."""
    gateway: Any = import_module("ministack.services.apigateway_v1")
    ledger = Ledger(gateway)
    check, handle = gateway._check_quota, gateway.handle_request

    def checked(key: dict[str, Any] | None, api: str, stage: str) -> Any:
        refused = check(key, api, stage)
        if refused is None and key is not None:
            for plan, record, _ in gateway._usage_plans_for_key(key["id"], api, stage):
                if (record.get("quota") or {}).get("limit") is not None:
                    ledger.count(plan, key["id"])
        return refused

    async def handled(method: str, path: str, headers: Any, body: Any, query: dict[str, Any]) -> Any:
        match method, path.strip("/").split("/"):
            case "GET", ["usageplans", plan, "usage"]:
                return _usage(gateway, ledger, plan, {name: _first(value) for name, value in query.items()})
        return await handle(method, path, headers, body, query)

    gateway._check_quota, gateway.handle_request = checked, handled


def _usage(gateway: Any, ledger: Ledger, plan: str, query: dict[str, str]) -> Any:
    keys = gateway._usage_plan_keys.get(plan)
    if keys is None:
        return gateway._v1_error("NotFoundException", "Invalid Usage Plan identifier specified", 404)
    asked = [query["keyId"]] if query.get("keyId") else list(keys)
    if not set(asked) <= set(keys):
        return gateway._v1_error("NotFoundException", "Invalid API Key identifier specified", 404)
    try:
        first, last = (date.fromisoformat(query.get(name, "")) for name in ("startDate", "endDate"))
    except ValueError:
        return gateway._v1_error("BadRequestException", "Expected startDate and endDate as yyyy-mm-dd", 400)
    if not timedelta() <= last - first < timedelta(MOST_DAYS):
        return gateway._v1_error("BadRequestException", f"Expected a range of 1 to {MOST_DAYS} days", 400)
    values = {key: ledger.daily(plan, key, first, last) for key in asked}
    document = {"usagePlanId": plan, "startDate": str(first), "endDate": str(last), "values": values}
    return gateway._v1_response(document)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(number)


def _first(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) else str(value)
