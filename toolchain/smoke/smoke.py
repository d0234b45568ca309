"""All of it, in the order in which it is worth mending; what cannot be asked any more is said to be skipped."""

from collections.abc import Iterator

from toolchain.client import Address, ApiUnreachable
from toolchain.findings import Finding, fail, skipped
from toolchain.signing import Signer
from toolchain.smoke import job, models, service
from toolchain.smoke.asking import Asker


def smoke(to: Address, signer: Signer | None = None, *, only: str = "", jobs: bool = False) -> Iterator[Finding]:
    """Findings on a deployed API, as they come.

    Args:
        signer: signs every call, for stages that want signatures.
        only: the one model to ask; every model when none is named.
        jobs: whether to have a small file answered, too.
    """
    if service.is_in_the_clear(to.url):
        yield fail("TLS", "a key would be sent in the clear", "give the address with https://")
        return
    asker = Asker(to, signer)
    try:
        yield from service.health(asker)
        yield from service.refuses_strangers(asker)
        if not asker.known:
            yield skipped("predictions", "there is no key to show, and nothing to sign with", service.SHOW)
            return
        yield service.metadata(asker)
        yield from service.pages(asker)
        golden = models.golden(asker, only)
        yield from models.listing(golden)
        for name, cases in golden.items():
            yield models.check(asker, name, cases)
        for name in list(golden)[:1]:
            yield from service.errors(asker, name)
        if jobs:
            yield job.check(to, golden)
    except ApiUnreachable as fault:
        yield fail("reachable", str(fault), "check the address, and that this machine may reach it")
