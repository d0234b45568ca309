"""What a function does, what it has for that, and how many of it there may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """One handler and its sizes, as Lambda takes them."""

    module: str
    """Where the handler is, as in "predict.handler". The first part is a package of functions and a target of the
    Dockerfile: handlers of one package share its image."""
    memory_mb: int
    """MiB of memory; one vCPU per 1,769."""
    timeout_seconds: int
    """Lambda stops an invocation after this."""
    disk_mb: int = 512
    """MiB under /tmp."""
    retries: int | None = None
    """How often an event is tried again before it is kept; None: callers wait for the answer."""
    reserved_concurrency: int | None = None
    """Most environments at a time, taken from the account's pool; None: no cap of its own."""
    snap_start: bool = False
    """Start from a snapshot that is taken when a version is published."""
    provisioned_concurrency: int = 0
    """Environments kept ready at all times."""


ADMIN = Workload("admin.handler", memory_mb=1024, timeout_seconds=29)
"""The admin API: as long as the gateway waits."""
ROLLBACK = Workload("admin.rollback", memory_mb=512, timeout_seconds=60, retries=2)
"""A look at an alias and a conditional write."""
CONSOLE = Workload("console.handler", memory_mb=512, timeout_seconds=29)
"""The page, and what it reads: as long as the gateway waits."""
JOBS = Workload("batch.jobs.handler", memory_mb=1024, timeout_seconds=29)
"""The API of jobs: as long as the gateway waits."""
