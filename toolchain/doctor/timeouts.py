"""Time-outs against each other: who waits must wait longer than who works."""

from collections.abc import Iterator
from typing import Any

from toolchain.doctor.template import FUNCTION, Template, references
from toolchain.findings import Finding, fail, ok

GATEWAY_SECONDS = 29.0
"""How long API Gateway waits where a method says nothing else."""
VISIBLE = 6
"""Times a function's time-out that a message stays hidden, as AWS advises."""
ATTEMPTS = 5
"""Fewest times that a message is tried, as AWS advises, so that throttling alone does not bury it."""
DEADLINE = "ORTLESS_DEADLINE_SECONDS"
FOUR_DAYS = 345_600


def check(template: Template) -> Iterator[Finding]:
    """Functions against the gateway and against their own deadlines, queues against functions."""
    yield _outcome("time-outs: gateway", list(_gateway(template)), "functions of the API end before it stops waiting")
    yield _outcome("time-outs: deadlines", list(_deadlines(template)), "runs end before their functions do")
    yield _outcome("time-outs: queues", list(_queues(template)), "messages stay hidden for six tries and outlive them")


def _outcome(check: str, wrong: list[str], right: str) -> Finding:
    if wrong:
        return fail(check, "; ".join(wrong), "correct it in infra/, or the stage's timeout_seconds")
    return ok(check, right)


def _gateway(template: Template) -> Iterator[str]:
    seen = set()
    for method in template.of("AWS::ApiGateway::Method").values():
        integration = method.get("Integration", {})
        found = template.function(integration.get("Uri"))
        waits = integration.get("TimeoutInMillis", GATEWAY_SECONDS * 1000) / 1000
        if found and (found[0], waits) not in seen:
            seen.add((found[0], waits))
            if found[1].get("Timeout", 3) > waits:
                yield f"{found[0]} may take {found[1]['Timeout']} s, API Gateway waits {waits:g} s"


def _deadlines(template: Template) -> Iterator[str]:
    for name, function in template.of(FUNCTION).items():
        deadline = function.get("Environment", {}).get("Variables", {}).get(DEADLINE)
        if deadline is not None and float(deadline) >= function.get("Timeout", 3):
            yield f"a run of {name} may take {deadline} s, the function {function.get('Timeout', 3)} s"


def _queues(template: Template) -> Iterator[str]:
    queues = template.of("AWS::SQS::Queue")
    for source in template.of("AWS::Lambda::EventSourceMapping").values():
        found = template.function(source["FunctionName"])
        for name in references(source.get("EventSourceArn")):
            if found and name in queues:
                yield from _queue(name, queues, found[1].get("Timeout", 3))


def _queue(name: str, queues: dict[str, dict[str, Any]], seconds: int) -> Iterator[str]:
    queue = queues[name]
    hidden = queue.get("VisibilityTimeout", 30)
    if hidden < VISIBLE * seconds:
        yield f"{name} hides a message for {hidden} s, {VISIBLE} x {seconds} s is {VISIBLE * seconds}"
    redrive = queue.get("RedrivePolicy")
    if not redrive:
        yield f"{name} has no queue of dead letters"
        return
    if redrive.get("maxReceiveCount", 0) < ATTEMPTS:
        yield f"{name} tries a message {redrive.get('maxReceiveCount')} times, fewer than {ATTEMPTS}"
    for dead in references(redrive.get("deadLetterTargetArn")):
        kept = [each.get("MessageRetentionPeriod", FOUR_DAYS) for each in (queues.get(dead, {}), queue)]
        if kept[0] <= kept[1]:
            yield f"{dead} keeps messages for {kept[0]} s, no longer than {name}"
