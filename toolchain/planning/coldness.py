"""The share of cold starts in steady traffic, without simulating it: exact up to the few assumptions named here.

Requests come at random (Poisson), an environment answers one at a time, and the one that was used last is used next.
So environments form a stack: the one that is put down when the number of busy ones falls from n + 1 to n is the one
that is taken up when it rises again. It has gone cold if that takes longer than Lambda keeps an idle one. That time is
the first passage of a birth-death process, whose returns are either immediate, or so late that the process has long
forgotten where it was and the wait is exponential: idle times are minutes, answers are milliseconds.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IDLE_SECONDS = (300.0, 900.0)
"""How long AWS keeps an idle environment: it does not say; between 5 and 15 minutes is what people observe."""
AGE_SECONDS = 7200.0
"""After which an environment is replaced although it is busy: `every few hours`, AWS says."""
STEPS = 41
"""Idle times that stand for all between the two."""


class Steady(NamedTuple):
    """Of traffic that goes on: the share of requests that start an environment, and how many environments there are."""

    cold: float
    environments: float


def steady(
    rps: float, seconds: float, idle: tuple[float, float] = IDLE_SECONDS, age: float = AGE_SECONDS, kept: int = 0
) -> Steady:
    """What becomes of steady traffic.

    Args:
        rps: requests per second, on average.
        seconds: that an answer takes, on average.
        idle: least and most seconds that an idle environment is kept; any time between is as likely.
        age: seconds after which an environment is replaced in any case.
        kept: environments that are kept ready; what they serve is never cold.
    """
    busy = rps * seconds
    spread = 14 * math.sqrt(busy) + 20
    states = np.arange(max(0, int(busy - spread)), int(busy + spread) + 1)  # others there are none of
    log = states * math.log(busy) - busy - math.lgamma(states[0] + 1)
    log[1:] -= np.cumsum(np.log(states[1:]))
    at, upto = np.exp(log), np.minimum(np.cumsum(np.exp(log)), 1.0)
    step = _steps(states, busy) / rps
    reached = upto > 1e-200
    wait = np.cumsum(step * upto)[reached] / upto[reached]
    late = np.minimum(step[reached] / wait, 1.0)
    kept_for = np.linspace(*idle, STEPS)
    gone = np.exp(-kept_for[None, :] / wait[:, None]).mean(axis=1)
    beyond = states[reached] >= kept
    cold = float((at[reached] * late * gone)[beyond].sum())
    alive = np.clip(1 - rps * at[reached] * late * gone * wait, 0.0, 1.0)
    environments = float(alive[beyond].sum()) + max(0, int(states[reached][0]) - kept)
    return Steady(_renewed(rps * cold, environments, age) / rps, environments)


def _renewed(lost: float, environments: float, age: float) -> float:
    """Environments started per second, where so many per second are lost to idleness and the others to old age."""
    life = environments / lost if lost else float("inf")
    return environments / (-life * math.expm1(-age / life) if life < 1e6 * age else age)


def enough(busy: float, spill: float = 0.001) -> int:
    """Environments that, kept ready, are all taken for no more than a share of the requests (Erlang's B formula).

    Args:
        busy: environments that answer at the same time, on average.
        spill: that share.
    """
    blocked, count = 1.0, 0
    while blocked > spill:
        count += 1
        blocked = busy * blocked / (count + busy * blocked)
    return count


def spilled(busy: float, kept: int) -> float:
    """The share of requests that find all of the environments kept ready taken (Erlang's B formula)."""
    blocked = 1.0
    for count in range(1, kept + 1):
        blocked = busy * blocked / (count + busy * blocked)
    return blocked


def _steps(states: NDArray[np.int64], busy: float) -> NDArray[np.float64]:
    """Mean time from each number of busy environments to the next higher one, in gaps between requests."""
    found = np.empty(len(states))
    found[0] = 1 / (1 - states[0] / busy)
    for place in range(1, len(states)):
        found[place] = 1 + found[place - 1] * states[place] / busy
    return found
