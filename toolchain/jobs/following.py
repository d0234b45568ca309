"""Follows a job to its end, over a network that may fail in between."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from toolchain.jobs.api import OVER, Jobs
from toolchain.jobs.errors import JobsUnavailable

LOOKS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
"""Seconds between looks at a job; the last one repeats."""
RETRIES = (0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0)
"""Seconds before a look that failed is taken again: most of a minute in all."""
LONG = 120.0
"""Seconds after which it is odd that a job still waits."""
Seen = Callable[[dict[str, Any]], None]
Told = Callable[[str], None]


def follow(
    jobs: Jobs,
    job: str,
    seen: Seen,
    told: Told,
    looks: Sequence[float] = LOOKS,
    retries: Sequence[float] = RETRIES,
) -> dict[str, Any]:
    """The job once it is over.

    Args:
        seen: shown the job at each look.
        told: told what a person wants to know meanwhile.

    Raises:
        JobsUnavailable: nothing answered for too long; the job is none the worse for it.
        As the API does.
    """
    pauses, began, is_odd = iter(looks), time.monotonic(), False
    while True:
        found = _look(jobs, job, told, retries)
        seen(found)
        if found["state"] in OVER:
            return found
        if found["state"] == "waiting" and not is_odd and time.monotonic() - began > LONG:
            is_odd = True
            told(f"It has waited for {LONG:.0f} s: an operator sees what is stuck with `ortless redrive --dry-run`")
        time.sleep(next(pauses, looks[-1]))


def _look(jobs: Jobs, job: str, told: Told, retries: Sequence[float]) -> dict[str, Any]:
    for attempt, pause in enumerate(retries, 1):
        try:
            return jobs.look(job)
        except JobsUnavailable as fault:
            told(f"{fault}; asking again ({attempt} of {len(retries)})")
        time.sleep(pause)
    return jobs.look(job)
