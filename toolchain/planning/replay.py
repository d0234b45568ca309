"""What a trace of traffic costs and how it fares, at each size and with each way to start."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from toolchain.planning.environments import Rules
from toolchain.planning.pricing import MILLION, PROVISIONED, SNAP_START, STARTS, Traffic, Work, bill
from toolchain.planning.simulation import Outcome, Times, simulate
from toolchain.planning.sizing import Option, Terms, refusal
from toolchain.planning.timings import Timings
from toolchain.planning.traces import Trace
from toolchain.planning.words import share


class Replay(NamedTuple):
    """A size and a way to start, with what became of the trace."""

    option: Option
    outcome: Outcome


def of(trace: Trace, traffic: Traffic) -> Traffic:
    """Traffic like that, as much as there is in the trace."""
    seconds = max(float(trace.arrivals[-1] - trace.arrivals[0]), 1.0)
    return traffic._replace(rps=len(trace.arrivals) / seconds)


def replays(
    trace: Trace,
    traffic: Traffic,
    measured: Sequence[Timings],
    architecture: str,
    terms: Terms,
    *,
    starts: Iterable[str] = STARTS,
    seed: int = 0,
    peak_mb: float = 0.0,
) -> list[Replay]:
    """The trace at every size with every way to start.

    Args:
        traffic: what each request and answer is, at the trace's rate.
    """
    return [
        _replay(trace, traffic, each, start, architecture, terms, seed, peak_mb)
        for each in measured
        for start in starts
    ]


def _replay(
    trace: Trace,
    traffic: Traffic,
    found: Timings,
    start: str,
    architecture: str,
    terms: Terms,
    seed: int,
    peak_mb: float,
) -> Replay:
    kept = _kept(trace, found, terms) if start == PROVISIONED else 0
    rules = Rules(concurrency=terms.concurrency, idle=terms.idle, age=terms.age, kept=kept)
    times, mean = _times(found, start, terms), sum(found.warm) / len(found.warm)
    outcome = simulate(trace.arrivals, times, rules, durations=trace.durations, seed=seed)
    warm = max(1, outcome.requests - outcome.cold)
    seconds = max(outcome.seconds, 1.0)
    work = Work(
        found.memory_mb,
        architecture,
        start,
        outcome.warm_seconds * 1000 / warm,
        outcome.cold_seconds * 1000 / max(1, outcome.cold),
        outcome.cold / outcome.requests,
        outcome.environment_seconds / seconds,
        kept,
        1 - outcome.ready / outcome.requests,
    )
    lines = bill(traffic, work)
    option = Option(
        work,
        found.basis,
        outcome.latency(0.5) * 1000,
        outcome.latency(terms.share) * 1000,
        times.starting * 1000 + mean,
        max(stretch.busy for stretch in outcome.stretches),
        lines,
        sum(lines.values()) / traffic.month * MILLION,
    )
    reason = f"refuses {share(outcome.refused / outcome.requests)}" if outcome.refused else ""
    return Replay(option._replace(refused=reason or refusal(option, terms, peak_mb)), outcome)


def _times(found: Timings, start: str, terms: Terms) -> Times:
    """A start takes as long as it takes, plus what the first answer takes longer than any other."""
    warm = tuple(each / 1000 for each in found.warm)
    if start == SNAP_START:
        return Times(warm, terms.restore_ms / 1000, terms.restore_ms / 1000)
    later = max(0.0, found.first - sum(found.warm) / len(found.warm))
    return Times(warm, (terms.platform_ms + found.init + later) / 1000, terms.platform_ms / 1000)


def _kept(trace: Trace, found: Timings, terms: Terms) -> int:
    """What is asked for; else enough for what the trace needs at a time for all but one moment in a hundred."""
    if terms.kept is not None:
        return terms.kept
    once = simulate(trace.arrivals, _times(found, SNAP_START, terms), durations=trace.durations)
    busy = sorted(stretch.busy for stretch in once.stretches)
    return max(1, busy[int(len(busy) * 0.99) - 1])
