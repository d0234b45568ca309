"""A service that is up: watched until a signal or its own end."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.service import explain_end
from local.signals import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.cloud import Cloud
    from local.logs import Follower
    from local.steps import Steps

_LOOK_SECONDS = 0.5


def stay(cloud: Cloud, look: Callable[[], None] = lambda: None) -> None:
    """Wait for the cloud's end; what there is to look at meanwhile is looked at twice a second."""
    while cloud.alive():
        look()
        time.sleep(_LOOK_SECONDS)
    explain_end(cloud)


def show(follower: Follower, steps: Steps) -> None:
    """Print what the functions have logged since the last look."""
    for line in follower.new():
        steps.console.print(f"[cyan]{line.group}[/] ", end="", highlight=False)
        steps.console.print(line.message, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def until_interrupted(steps: Steps) -> Iterator[None]:
    """Ctrl-C is how a service that is up ends: no failure."""
    try:
        yield
    except Interrupted:
        steps.note("Stopping.")
