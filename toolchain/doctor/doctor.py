"""All of it: what needs no account first, then what does; what cannot be looked at is said to be skipped."""

from collections.abc import Callable, Iterator

from functions.core.errors import OrtlessError
from toolchain import deployment as deployments
from toolchain.deployment import CloudRefused, Deployment
from toolchain.doctor import account, api_keys, encryption, images, machine, quotas, snapshots, timeouts
from toolchain.doctor.template import NotSynthesized, Template, synthesize
from toolchain.findings import Finding, fail, ok, skipped

OF_AN_ACCOUNT = ("credentials", "region", "CDK bootstrap", "concurrency", "memory", "API keys")


def doctor(stage: str, *, offline: bool = False) -> Iterator[Finding]:
    """Findings on a stage before it is deployed, as they come.

    Args:
        stage: of cdk.json.
        offline: whether to leave out what needs an account.
    """
    try:
        template = synthesize(stage)
        yield ok("cdk.json", f"the stage {stage} makes {len(template.resources)} resources")
    except NotSynthesized as fault:
        yield fail("cdk.json", str(fault), "docs/reference/stages.md has every setting")
        template = None
    yield from machine.check(template)
    if template is None:
        return
    yield from rules(template)
    yield from images.check(template)
    if offline:
        yield from _without("not asked: --offline")
        return
    yield from _with_account(stage, template)


def rules(template: Template) -> Iterator[Finding]:
    """What a template alone shows."""
    yield from timeouts.check(template)
    yield snapshots.check(template)
    yield encryption.check(template)


def _with_account(stage: str, template: Template) -> Iterator[Finding]:
    try:
        found = deployments.find(stage)
        yield from account.credentials(found)
    except OrtlessError as fault:
        words, _, hint = str(fault).partition("\nhint: ")
        yield fail("credentials", words, hint or "see `aws sts get-caller-identity`")
        yield from list(_without("there are no credentials to ask with"))[1:]
        return
    yield account.bootstrap(found, template)
    yield from _allowed(("concurrency", "memory"), lambda: quotas.check(found, template))
    yield from _allowed(("API keys",), lambda: _keys(found))


def _keys(found: Deployment) -> Iterator[Finding]:
    yield api_keys.check(found)


def _allowed(checks: tuple[str, ...], look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What is found, or that these credentials may not look."""
    try:
        yield from list(look())
    except CloudRefused as fault:
        for check in checks:
            yield skipped(check, str(fault).partition("\n")[0], "look with credentials that may")


def _without(why: str) -> Iterator[Finding]:
    for check in OF_AN_ACCOUNT:
        yield skipped(check, why)
