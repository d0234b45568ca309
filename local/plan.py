"""What is asked for, and what there is already."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.cloud import Cloud
from local.endpoint import REGION, Endpoint
from local.errors import Mismatch
from local.state import State


@dataclass(frozen=True)
class Plan:
    """What is asked for: where, on which port, and which variant of the stack."""

    state: State
    port: int | None = None
    region: str = REGION
    context: dict[str, Any] = field(default_factory=dict)
    assembly: Path | None = None
    """A cloud assembly to deploy instead of the app's; nothing is built or published then."""
    bare: bool = False
    """Only the cloud, for a tool that deploys by itself."""


def running(state: State) -> Endpoint | None:
    """The endpoint of the cloud that is up, if one is."""
    cloud, endpoint = Cloud.find(state), Endpoint.read(state)
    up = cloud is not None and cloud.alive() and not cloud.orphaned()
    return endpoint if up else None


class AlreadyRunning(Exception):
    """What the plan asks for is up; not a failure."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint.endpoint_url)
        self.endpoint = endpoint


def refuse_second(plan: Plan) -> None:
    """Let a start go on only where nothing runs.

    Raises:
        AlreadyRunning: what is asked for does.
        Mismatch: something else does.
    """
    endpoint = running(plan.state)
    if endpoint is None:
        return
    asked = _variant(plan.region, plan.bare, str(plan.assembly) if plan.assembly else None, plan.context)
    there = _variant(endpoint.region, endpoint.stack is None, endpoint.assembly, endpoint.context)
    asked["port"], there["port"] = plan.port or endpoint.port, endpoint.port
    for what, value in asked.items():
        if value != there[what]:
            raise Mismatch(what, there[what], value)
    raise AlreadyRunning(endpoint)


def _variant(region: str, bare: bool, assembly: str | None, context: dict[str, Any]) -> dict[str, Any]:
    return {"region": region, "bare": bare, "assembly": assembly, "context": context}
