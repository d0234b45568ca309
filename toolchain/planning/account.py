"""What one account serves in one region, where it stops, and what some traffic would need; all from quotas."""

import math
from typing import Any, NamedTuple

from functions.core.prices import prices
from toolchain.planning import quotas
from toolchain.planning.basis import ARCHITECTURE, BASE64
from toolchain.planning.coldness import enough, steady
from toolchain.planning.pricing import GETS_OF_A_START, ON_DEMAND, REFRESH_SECONDS, Traffic, Work, bill
from toolchain.planning.quotas import MONTH_SECONDS, Quota
from toolchain.planning.timings import Timings
from toolchain.planning.words import count

BATCH_CONCURRENCY = 10
"""Environments for pieces of large files; the stage's `batch_concurrency`."""
UTILISATION = 0.5
"""Of managed instances: they take minutes to grow, so that half of them stands by."""


class Limit(NamedTuple):
    """Something that an account serves: how much, by which quota, and what goes beyond it."""

    what: str
    value: float
    quota: str
    adjustable: bool
    source: str
    then: str


class Batch(NamedTuple):
    """How files are answered."""

    row_ms: float = 0.05
    """Of one environment, for a row."""
    concurrency: int = BATCH_CONCURRENCY


def limits(found: Timings, batch: Batch, concurrency: int) -> list[Limit]:
    """Everything that an account serves, with the times of one size.

    Args:
        concurrency: environments that the account may have at a time.
    """
    seconds = sum(found.warm) / len(found.warm) / 1000
    pool, calls = quotas.CONCURRENT._replace(value=concurrency), quotas.REQUESTS_PER_CONCURRENT
    hour = 3600 / (batch.row_ms / 1000)
    own = Quota("the stage's batch_concurrency", batch.concurrency, "environments", True, "cdk.json")
    faster, shards = "a faster size; Managed Instances", "shard by account or region"
    return [
        _limit("requests a second, by the gateway", 1, quotas.THROTTLE, shards),
        _limit("requests at one moment, by the gateway", 1, quotas.THROTTLE_BURST, "clients that try again"),
        _limit("requests a second, by how long they take", 1 / seconds, pool, faster),
        _limit("requests a second, by their number", concurrency, calls, "raise concurrent executions"),
        _limit("requests a second more, each second", _growth(seconds), quotas.BURST, "a function per model"),
        _limit("bytes of a body", 1 / BASE64, _payload(), "jobs: files of any size"),
        _limit("rows of files an hour, as the stage is set", hour, own, "raise it"),
        _limit("rows of files an hour, with all there is", hour, pool, shards),
        _limit("pieces of a file at a time", 1, quotas.CHILDREN, "concurrent executions end before"),
        _limit("models that every environment uses", REFRESH_SECONDS / concurrency, quotas.READS, "refresh_seconds"),
        _limit("environments started a second", 1 / GETS_OF_A_START, quotas.READS, "bake models into the image"),
        _limit("paths of one API", 1, quotas.ROUTES, "a stack for each group of models"),
        _limit("resources of one stack", 1, quotas.STACK, "a stack for each group of models"),
        _limit("keys", 1, quotas.KEYS, f"IAM instead of keys; {shards}"),
        _limit("tiers of keys", 1, quotas.USAGE_PLANS, shards),
    ]


def needs(traffic: Traffic, found: Timings, concurrency: int) -> dict[str, Any]:
    """What some traffic needs of one account, and how many accounts would do as they are."""
    seconds = sum(found.warm) / len(found.warm) / 1000
    busy = traffic.rps * seconds
    environments = max(enough(busy), math.ceil(traffic.rps / quotas.REQUESTS_PER_CONCURRENT.value))
    return {
        "rps": traffic.rps,
        "concurrent_executions": environments,
        "gateway_rps": math.ceil(traffic.rps),
        "accounts_as_they_are": max(
            math.ceil(environments / concurrency), math.ceil(traffic.rps / quotas.THROTTLE.value)
        ),
        "seconds_to_grow": round(_seconds_to_grow(environments), 1),
        "metrics": traffic.metrics,
        "lambda_dollars_per_month": round(_lambda(traffic, found, seconds), 2),
        "managed_instances": managed(traffic, seconds),
    }


def _lambda(traffic: Traffic, found: Timings, seconds: float) -> float:
    cold, there = steady(traffic.rps, seconds)
    work = Work(found.memory_mb, found.architecture or ARCHITECTURE, ON_DEMAND, found.billed, found.cold, cold, there)
    return sum(amount for name, amount in bill(traffic, work).items() if name.startswith("Lambda"))


def managed(traffic: Traffic, seconds: float) -> dict[str, Any]:
    """Lambda Managed Instances for the same requests: processors by the hour, half of them busy; an estimate, as what a
    processor of theirs does in a second was not measured."""
    kind: dict[str, Any] = prices()["managed_instance"]
    instances = max(kind["least"], math.ceil(traffic.rps * seconds / kind["vcpus"] / UTILISATION))
    hours = instances * MONTH_SECONDS / 3600 * kind["hour"] * (1 + kind["fee"])
    return {
        "instance": kind["name"],
        "instances": instances,
        "dollars_per_month": round(hours + traffic.month * float(prices()["invocation"]), 2),
    }


def _limit(what: str, each: float, quota: Quota, then: str) -> Limit:
    raised = "raise the quota; " if quota.adjustable and quota.source != "cdk.json" else ""
    named = f"{quota.name}: {count(quota.value)}"
    return Limit(what, quota.value * each, named, quota.adjustable, quota.source, raised + then)


def _growth(seconds: float) -> float:
    """Requests per second that one new environment answers, a tenth of the quota's coming free each second."""
    return min(1 / seconds, quotas.REQUESTS_PER_CONCURRENT.value) / quotas.BURST_SECONDS


def _payload() -> Quota:
    return Quota("Lambda: synchronous payload", quotas.SYNCHRONOUS_BYTES, "bytes", False, quotas.LAMBDA)


def _seconds_to_grow(environments: int) -> float:
    """From none: as many as the quota lets start at once, the others as it comes free."""
    return max(0.0, (environments - quotas.BURST.value) / quotas.BURST.value * quotas.BURST_SECONDS)
