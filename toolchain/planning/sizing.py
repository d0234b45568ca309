"""Which memory, and which way to start, serves some traffic best."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from toolchain.planning import timings as times
from toolchain.planning.coldness import AGE_SECONDS, IDLE_SECONDS, enough, spilled, steady
from toolchain.planning.pricing import MILLION, PROVISIONED, SNAP_START, STARTS, Traffic, Work, bill
from toolchain.planning.quotas import REQUESTS_PER_CONCURRENT
from toolchain.planning.timings import Timings, quantile

SIZES = (512, 768, 1024, 1769, 2654, 3538)
"""Megabytes that are compared unless others are named: up to two vCPUs."""
HEADROOM = 1.25
"""Memory that a size must have, as a multiple of the most that was measured: an allocator keeps more as it works."""


class Terms(NamedTuple):
    """What every option is judged by."""

    share: float = 0.95
    """Of answers, that must be within the time that is asked for."""
    within_ms: float | None = None
    platform_ms: float = times.PLATFORM_MS
    restore_ms: float = times.RESTORE_MS
    idle: tuple[float, float] = IDLE_SECONDS
    age: float = AGE_SECONDS
    kept: int | None = None
    """Environments kept ready; None: so many that they answer all but one request in a thousand."""
    concurrency: int = 1000
    """Environments that the account has at most."""


class Option(NamedTuple):
    """A size and a way to start, with what comes of it."""

    work: Work
    basis: str
    p50_ms: float
    latency_ms: float
    """That the share of answers is within, cold starts included."""
    cold_start_ms: float
    """What a caller waits for an answer that starts an environment."""
    busy: float
    """Environments that answer at a time, on average."""
    lines: Mapping[str, float]
    """US dollars of a month."""
    million: float
    """US dollars for a million requests."""
    refused: str = ""
    """Why it cannot serve the traffic, or not in time; empty: it can."""

    @property
    def month(self) -> float:
        """US dollars of a month."""
        return sum(self.lines.values())


def options(
    traffic: Traffic,
    measured: Sequence[Timings],
    architecture: str,
    terms: Terms,
    *,
    starts: Iterable[str] = STARTS,
    peak_mb: float = 0.0,
) -> list[Option]:
    """Every size with every way to start, in that order.

    Args:
        measured: times at each size that is compared.
        peak_mb: the most memory that was seen in use.
    """
    return [_option(traffic, each, start, architecture, terms, peak_mb) for each in measured for start in starts]


def cheapest(found: Iterable[Option]) -> Option | None:
    """The option that costs the least of those that serve the traffic, and in time; None: there is none."""
    return min((option for option in found if not option.refused), key=lambda option: option.month, default=None)


def _option(traffic: Traffic, found: Timings, start: str, architecture: str, terms: Terms, peak_mb: float) -> Option:
    mean = sum(found.warm) / len(found.warm)
    busy = traffic.rps * mean / 1000
    kept = 0
    if start == PROVISIONED:
        kept = enough(busy) if terms.kept is None else terms.kept
    cold, environments = steady(traffic.rps, mean / 1000, terms.idle, terms.age, kept)
    waited = _cold_start(found, start, terms)
    billed = found.billed if start == SNAP_START else found.cold
    spill = spilled(busy, kept) if kept else 1.0
    work = Work(found.memory_mb, architecture, start, found.billed, billed, min(cold, spill), environments, kept, spill)
    lines = bill(traffic, work)
    option = Option(
        work,
        found.basis,
        quantile([(1.0, found.warm)], 0.5),
        quantile([(1 - work.cold, found.warm), (work.cold, (waited,))], terms.share),
        waited,
        busy,
        lines,
        sum(lines.values()) / traffic.month * MILLION,
    )
    calls = REQUESTS_PER_CONCURRENT.value * terms.concurrency
    reason = f"over {calls:.0f} calls a second" if traffic.rps > calls else refusal(option, terms, peak_mb)
    return option._replace(refused=reason)


def _cold_start(found: Timings, start: str, terms: Terms) -> float:
    """What a caller waits; models are loaded before a snapshot is taken, so that no request loads them."""
    if start == SNAP_START:
        return terms.restore_ms + quantile([(1.0, found.warm)], 0.5)
    return terms.platform_ms + found.cold


def refusal(option: Option, terms: Terms, peak_mb: float) -> str:
    """Why an option cannot serve the traffic, or not in time; empty: it can."""
    if option.work.memory_mb < peak_mb * HEADROOM:
        return f"under {peak_mb * HEADROOM:.0f} MB"
    if max(option.busy, option.work.kept) > terms.concurrency:
        return f"over {terms.concurrency} environments"
    if terms.within_ms is not None and option.latency_ms > terms.within_ms:
        return f"over {terms.within_ms:g} ms"
    return ""
