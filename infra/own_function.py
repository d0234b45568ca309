"""A function of its own: what a model may have otherwise than the models that share one."""

from dataclasses import dataclass, fields
from typing import Any

from infra.setting import flag, whole

MOST_THREADS = 6
"""vCPUs of the largest function that Lambda has."""
ROUTES = 300
"""Paths that an API of API Gateway may have; who has asked AWS for more shards before that."""
SHARED_PATHS = 50
"""Of these, what is not a model's own is fewer, in every stage."""
PATHS = 9
"""Of these, what a model with a function of its own takes."""
MOST = (ROUTES - SHARED_PATHS) // PATHS
"""Models with a function of their own that there can be."""
RESERVED = ("stats",)
"""Models that cannot have one: their path is another's, too."""


@dataclass(frozen=True)
class OwnFunction:
    """What is null is as the stage has it."""

    memory_mb: int | None = whole(None, 128, 10_240)
    """Memory in MiB; AWS grants one vCPU per 1,769."""
    timeout_seconds: int | None = whole(None, 5, 29)
    """The function is stopped after this; a run is ended 4 s earlier."""
    threads: int | None = whole(None, 1, MOST_THREADS)
    """Threads that compute one run."""
    snap_start: bool | None = flag(None)
    """Start from a snapshot taken after the model is loaded; needs packaging `image`."""
    provisioned_concurrency: int | None = whole(None, 0, 100_000)
    """Environments kept ready, and paid for, at all times; not together with snap_start."""
    reserved_concurrency: int | None = whole(None, 1, 100_000)
    """Most environments at a time, taken from the account's pool, beside what other functions take of it."""
    routed: bool = flag(True)
    """Whether the model's paths lead to the function. `false`: it stands by, which makes two deployments of a move."""

    @property
    def given(self) -> dict[str, Any]:
        """The settings of the stage that are otherwise here."""
        values = {setting.name: getattr(self, setting.name) for setting in fields(self) if setting.name != "routed"}
        return {name: value for name, value in values.items() if value is not None}
