"""Quotas of the account's Lambda against what the stage takes of them."""

from collections.abc import Iterator

from toolchain.deployment import Deployment, translated
from toolchain.doctor.template import FUNCTION, Template
from toolchain.findings import Finding, fail, ok, warn

UNRESERVED = 100
"""Environments that AWS keeps back for functions without a share of their own; all of them, where there are fewer."""
USUAL = 1000
"""Environments of an account that is not new."""
NEW_MEMORY_MB = 3008
"""Most memory of a function in a new account; no API tells whether that still holds."""
RAISE = "ask for more in Service Quotas (Lambda, concurrent executions, L-B99A9384)"


def check(deployment: Deployment, template: Template) -> Iterator[Finding]:
    """Concurrency and memory. Raises CloudRefused."""
    with translated():
        limits = deployment.service("lambda").get_account_settings()["AccountLimit"]
        ours = _reserved_now(deployment)
    quota, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"] + ours
    functions = template.of(FUNCTION)
    wanted = sum(function.get("ReservedConcurrentExecutions", 0) for function in functions.values())
    yield concurrency(quota, free, wanted)
    yield memory(quota, max((function.get("MemorySize", 128) for function in functions.values()), default=128))


def concurrency(quota: int, free: int, wanted: int) -> Finding:
    """What the stage reserves against what nobody else has.

    Args:
        quota: of the account, in environments.
        free: of these, what no function outside the stack has reserved.
        wanted: what the stage's functions reserve together.
    """
    check, kept = "concurrency", min(UNRESERVED, quota)
    if wanted and free - wanted < kept:
        found = f"the stage reserves {wanted} of {free}, and AWS keeps {kept} back (quota {quota})"
        return fail(check, found, f"{RAISE}, or set batch_reserved false and reserved_concurrency null")
    if quota < USUAL:
        return warn(check, f"{quota} at a time in all of the account, {wanted} reserved here", RAISE)
    return ok(check, f"{wanted} of {free} reserved here, quota {quota}")


def memory(quota: int, wanted: int) -> Finding:
    """The largest function, in MiB, against what a new account may have."""
    if wanted > NEW_MEMORY_MB and quota < USUAL:
        found = f"{wanted} MB, and an account as new as this may have {NEW_MEMORY_MB} at most"
        return warn("memory", found, "lower it in cdk.json, or ask AWS support to raise the quota")
    return ok("memory", f"{wanted} MB at most")


def _reserved_now(deployment: Deployment) -> int:
    """What the stack has reserved already; nothing where it is not deployed."""
    from botocore.exceptions import ClientError

    service = deployment.service("lambda")
    try:
        pages = deployment.service("cloudformation").get_paginator("list_stack_resources")
        resources = [it for page in pages.paginate(StackName=deployment.stack) for it in page["StackResourceSummaries"]]
    except ClientError as fault:
        if fault.response["Error"]["Code"] == "ValidationError":
            return 0
        raise
    names = [it["PhysicalResourceId"] for it in resources if it["ResourceType"] == FUNCTION]
    found = (service.get_function_concurrency(FunctionName=name) for name in names)
    return sum(each.get("ReservedConcurrentExecutions", 0) for each in found)
