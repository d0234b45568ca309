"""The whole service on this machine, in order: packages, assembly, cloud, stack, models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from local import deployment, ports
from local.aws import Account, translated
from local.cloud import Cloud
from local.commands import run
from local.endpoint import Endpoint
from local.errors import CloudFailed
from local.plan import Plan, refuse_second
from local.signals import held
from local.state import ROOT, State
from local.synthesis import Synthesis

if TYPE_CHECKING:
    from local.steps import Steps


@contextmanager
def serving(plan: Plan, steps: Steps) -> Iterator[tuple[Cloud, Endpoint]]:
    """The service, up inside and gone afterwards. Raises as `bring_up` does."""
    cloud = None
    try:
        cloud, endpoint = bring_up(plan, steps, owned=True)
        yield cloud, endpoint
    finally:
        with held(deliver=False), plan.state.locked():
            # An interruption may come before the assignment above, but not before the record of what was started.
            found = cloud or Cloud.find(plan.state)
            if found and found.ours():
                found.stop()


def bring_up(plan: Plan, steps: Steps, *, owned: bool) -> tuple[Cloud, Endpoint]:
    """Start and fill a cloud; whatever goes wrong on the way takes all of it down again.

    Raises:
        AlreadyRunning: it is up.
        Mismatch: something else is up.
    """
    with plan.state.locked():
        refuse_second(plan)
        if tear_down(plan.state):
            steps.note("Stopped what an earlier run had left behind")
        if plan.port is not None:
            ports.listen(plan.port).close()  # better to hear of it now than after the build
        assembly = None if plan.bare else plan.assembly or _assembled(plan, steps)
        try:
            with steps("Start the cloud") as step:
                cloud = Cloud.start(plan.state, plan.port, owned=owned, region=plan.region)
                step.note = cloud.url
            with translated():
                endpoint = _filled(plan, cloud, assembly, steps)
            endpoint.write(plan.state)
        except BaseException:
            tear_down(plan.state)
            raise
    return cloud, endpoint


def explain_end(cloud: Cloud) -> None:
    """A cloud that ended without anyone having stopped it.

    Raises:
        CloudFailed: its process broke down; `down` would have removed its record.
    """
    with cloud.state.locked():
        recorded = Cloud.find(cloud.state)
    if recorded and recorded.marker == cloud.marker:
        raise CloudFailed(f"The cloud ended by itself; its log is {cloud.state.log}")


def tear_down(state: State) -> int:
    """End whatever this state directory ever started and remove its files; answers how many processes that were."""
    cloud = Cloud.find(state)
    ended = cloud.stop() if cloud else 0
    state.clear()
    return ended


def _assembled(plan: Plan, steps: Steps) -> Path:
    with steps("Build the packages"):
        run("Building the packages", ["toolchain", "build"], ROOT, {})
    synthesis = Synthesis()
    with steps("Synthesize the stack") as step:
        step.note = "cached" if synthesis.cached(plan.context) else ""
        return synthesis.run(plan.context)


def _filled(plan: Plan, cloud: Cloud, assembly: Path | None, steps: Steps) -> Endpoint:
    endpoint = Endpoint(
        endpoint_url=cloud.url,
        port=cloud.port,
        pid=cloud.process.pid if cloud.process else 0,
        region=plan.region,
        context=plan.context,
        assembly=str(plan.assembly) if plan.assembly else None,
    )
    if assembly is None:
        return endpoint
    account = Account(cloud.url, plan.region)
    with steps("Deploy the stack") as step:
        stack, outputs = deployment.deploy(assembly, account)
        step.note = stack
    endpoint = replace(
        endpoint,
        stack=stack,
        api_url=deployment.api_url(outputs, cloud.url),
        api_key=deployment.api_key(outputs, account),
        models_bucket=outputs.get("ModelBucket"),
        operator=deployment.operator(outputs, account),
        outputs=outputs,
    )
    if plan.assembly is None:
        _publish(endpoint, steps)
    return endpoint


def _publish(endpoint: Endpoint, steps: Steps) -> None:
    """With the operator's own rights: what is missing in a policy fails here and not on AWS."""
    if endpoint.operator is None or endpoint.api_url is None:
        return
    variables = Account(endpoint.endpoint_url, endpoint.region, endpoint.operator).variables()
    with steps("Publish the models"):
        run("Publishing the models", ["toolchain", "publish"], ROOT, variables | {"ORTLESS_URL": endpoint.api_url})
