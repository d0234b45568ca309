"""A function under a trace of traffic, event by event: what is cold, what is refused, how long callers wait.

What it takes for granted: an environment answers one request at a time, the one used last is used next, nobody tries a
refused request again, and how long an answer takes depends neither on the hour nor on the neighbours.
"""

from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toolchain.planning.environments import COLD, OUTCOMES, WARM, Pool, Rules

BINS = 48
"""Stretches of time that what happens is told by."""


class Times(NamedTuple):
    """Seconds that answers take."""

    warm: tuple[float, ...]
    """Any of these is as likely; unless the trace says how long each takes."""
    starting: float
    """More than that of an answer that starts an environment; its caller waits for it, too."""
    unbilled: float = 0.0
    """Of these, what AWS does not bill."""


class Stretch(NamedTuple):
    """What happened between two moments."""

    start: float
    requests: int
    cold: int
    refused: int
    busy: int
    """Most environments that answered at a time."""
    environments: int
    """Most that were there."""


class Outcome(NamedTuple):
    """What became of a trace."""

    seconds: float
    requests: int
    by_outcome: dict[str, int]
    latencies: NDArray[np.float64]
    """Seconds, of those that were answered."""
    warm_seconds: float
    """Billed, of answers that started nothing, each rounded up to a millisecond."""
    cold_seconds: float
    """Billed, of those that did, their starts included."""
    ready: int
    """Answers by environments that were kept ready."""
    environment_seconds: float
    """That environments were there, those kept ready left out."""
    stretches: tuple[Stretch, ...]

    @property
    def cold(self) -> int:
        """Answers that started an environment."""
        return self.by_outcome[OUTCOMES[COLD]]

    @property
    def refused(self) -> int:
        """Requests that were not answered."""
        return self.requests - self.cold - self.by_outcome[OUTCOMES[WARM]]

    def latency(self, share: float) -> float:
        """Seconds that a share of the answers was within; 0 where there is none."""
        return float(np.quantile(self.latencies, share)) if len(self.latencies) else 0.0


def simulate(
    arrivals: NDArray[np.float64],
    times: Times,
    rules: Rules | None = None,
    *,
    durations: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> Outcome:
    """Have a function answer requests; the same seed, the same outcome.

    Args:
        arrivals: seconds at which they come, in order.
        durations: seconds that each answer takes, where that is known.
    """
    rng = Random(seed)  # noqa: S311 - no secret is made of it
    pool = Pool(rules or Rules(), rng)
    start = float(arrivals[0]) if len(arrivals) else 0.0
    came = (arrivals - start).tolist()
    if durations is None:
        draws = np.random.default_rng(seed).integers(len(times.warm), size=len(came))
        durations = np.asarray(times.warm)[draws]
    fates, busy, there = _run(pool, came, durations.tolist(), times.starting)
    end = float(came[-1]) if came else 0.0
    outcome, took = np.asarray(fates) % len(OUTCOMES), durations + 0.0
    took[outcome == COLD] += times.starting
    billed = np.ceil(np.round((took - times.unbilled * (outcome == COLD)) * 1000, 6)) / 1000
    return Outcome(
        end,
        len(came),
        {name: int((outcome == code).sum()) for code, name in enumerate(OUTCOMES)},
        took[outcome <= COLD],
        float(billed[outcome == WARM].sum()),
        float(billed[outcome == COLD].sum()),
        int((np.asarray(fates) == len(OUTCOMES) + WARM).sum()),
        pool.close(end),
        _stretches(np.asarray(came), start, outcome, np.asarray(busy), np.asarray(there)),
    )


def _run(
    pool: Pool, came: list[float], durations: list[float], starting: float
) -> tuple[list[int], list[int], list[int]]:
    """How each request fares, by code, with OUTCOMES' number added for those kept ready; and what is there then."""
    fates, busy, there = [0] * len(came), [0] * len(came), [0] * len(came)
    kept_apart = len(OUTCOMES)
    for index, now in enumerate(came):
        pool.free(now)
        fate, born, kept = pool.take(now)
        if fate <= COLD:
            pool.hold(now + durations[index] + (starting if fate else 0.0), born, kept)
        fates[index] = fate + kept_apart * kept
        busy[index] = pool.busy
        there[index] = pool.size
    return fates, busy, there


def _stretches(
    came: NDArray[np.float64],
    start: float,
    outcome: NDArray[np.int64],
    busy: NDArray[np.int64],
    there: NDArray[np.int64],
) -> tuple[Stretch, ...]:
    if not len(came):
        return ()
    edges = np.linspace(0, max(came[-1], 1e-9), BINS + 1)
    places = [*np.searchsorted(came, edges[:-1]).tolist(), len(came)]
    found = []
    for number in range(BINS):
        part = slice(places[number], places[number + 1])
        kinds = outcome[part]
        most = (int(column[part].max()) if len(kinds) else 0 for column in (busy, there))
        cold, refused = int((kinds == COLD).sum()), int((kinds > COLD).sum())
        found.append(Stretch(start + float(edges[number]), len(kinds), cold, refused, *most))
    return tuple(found)
