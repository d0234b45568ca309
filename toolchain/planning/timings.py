"""How long a function takes, as measured, scaled from a measurement, or assumed; milliseconds throughout."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from toolchain.planning.quotas import vcpus

PLATFORM_MS = 250.0
"""What AWS needs before a function's own code starts: an environment, the image's first blocks. Not billed, and nothing
that can be measured elsewhere: an assumption, to be corrected from the difference between a first call's latency and
the `Init Duration` in the function's log."""
RESTORE_MS = 300.0
"""A start from a snapshot, until the handler is called; an assumption likewise, `Restore Duration` in the log."""
ASSUMED, MEASURED, SCALED = "assumed", "measured", "scaled"
REFERENCE_MB = 1769
"""Memory that assumed times are given for: one vCPU."""


class Timings(NamedTuple):
    """The times of a function of so much memory."""

    memory_mb: int
    warm: tuple[float, ...]
    """Of answers, sorted; one where there is no more than an assumption."""
    init: float
    """From the process' start to a handler that stands ready: billed."""
    first: float
    """The first answer, which loads the model."""
    basis: str = ASSUMED
    architecture: str = ""
    """Where they were taken; empty: they are assumed for any."""
    means: str = ""
    """How the processor was held back to the memory's share of it."""

    @property
    def billed(self) -> float:
        """Mean of the warm answers, each rounded up as Lambda bills it."""
        return sum(math.ceil(each) for each in self.warm) / len(self.warm)

    @property
    def cold(self) -> float:
        """A start and the first answer, without what is AWS' own."""
        return self.init + self.first

    def to(self, memory_mb: int, parallel: float) -> Self:
        """These times at another size, by `stretch`."""
        if memory_mb == self.memory_mb:
            return self
        run = stretch(memory_mb, parallel) / stretch(self.memory_mb, parallel)
        load = stretch(memory_mb, 0.0) / stretch(self.memory_mb, 0.0)
        return self._replace(
            memory_mb=memory_mb,
            warm=tuple(each * run for each in self.warm),
            init=self.init * load,
            first=self.first * load,
            basis=SCALED if self.basis == MEASURED else self.basis,
        )


def stretch(memory_mb: float, parallel: float) -> float:
    """How much longer work takes than on one vCPU that it has for itself.

    Below one vCPU everything waits for its share. Above, only the part that runs on several threads gains (Amdahl).

    Args:
        parallel: that part of the time on one vCPU, 0 to 1.
    """
    share = vcpus(memory_mb)
    return 1 / share if share < 1 else 1 - parallel + parallel / share


def quantile(parts: Sequence[tuple[float, Sequence[float]]], share: float) -> float:
    """The value that a share of a mixture does not exceed.

    Args:
        parts: weight and values, which are equally likely within a part.
    """
    values = np.concatenate([np.asarray(found, float) for _, found in parts])
    weights = np.concatenate([np.full(len(found), weight / len(found)) for weight, found in parts])
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    place = int(np.searchsorted(reached, share - 1e-12))
    return float(values[order][min(place, len(values) - 1)])
